// go_live: takes a build that can be downloaded to a running pixel stream.
//
//     export STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=...
//     ./go_live https://downloads.example.com/MyGame-1.0.zip 665a1c2e9b1d4f0012ab34cd [base URL [interval and settle time in ms]]
//
// The same way as bindings/c/examples/go_live.c, with exceptions for what goes wrong.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <slipway.hpp>

namespace {

const auto start = std::chrono::steady_clock::now();

void say(const char *step, const std::string &text) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    std::printf("%7.1f s  %-11s %s\n", passed.count(), step, text.c_str());
    std::fflush(stdout);
}

slipway::OnProgress print(const char *step) {
    return [step, last = std::string()](const slipway::Progress &progress) mutable {
        const std::string news = progress.stage == slipway::Stage::waiting_build ? name(progress.state) : progress.message;
        if (news.empty() || news == last) return;
        say(step, news);
        last = news;
    };
}

std::string go_live(slipway::Client &client, const std::string &file_url, const std::string &project_id, slipway::Milliseconds pace) {
    slipway::UploadRequest build;
    build.project_id = project_id;
    build.file_url = file_url;
    build.manual_release = true; // Approved is not live yet: this program says when.
    build.on_progress = print("upload");
    const slipway::Upload upload = client.upload(build).get().value();
    say("upload", upload.message);

    slipway::WaitRequest wait;
    wait.project_id = project_id;
    wait.upload_id = upload.upload_id;
    wait.interval = pace;
    wait.settle = pace;
    wait.on_progress = print("approval");
    client.wait_for_build(wait).get().value();

    slipway::DistributeRequest distribute;
    distribute.project_id = project_id;
    distribute.upload_id = upload.upload_id;
    distribute.on_progress = print("distribute");
    say("distribute", client.distribute(distribute).get().value().message);

    wait.until = slipway::Until::live;
    wait.on_progress = print("on the air");
    const slipway::WaitedBuild build_on_air = client.wait_for_build(wait).get().value();
    for (const auto &seen : build_on_air.timeline) say("on the air", std::string(name(seen.state)) + ": \"" + seen.service_state + "\"");
    return upload.upload_id;
}

} // namespace

int main(int count, char **arguments) {
    if (count < 3 || count > 5) {
        std::fputs("usage: go_live FILE_URL PROJECT_ID [BASE_URL [PACE_MS]]\n", stderr);
        return 2;
    }
    try {
        slipway::ClientOptions options; // Keys: STREAMPIXEL_API_KEY, STREAMPIXEL_USER_ID.
        options.user_agent = "go_live";
        if (count > 3) options.streampixel_base_url = arguments[3];
        slipway::Client client(options);
        const slipway::Milliseconds pace(count > 4 ? std::atoi(arguments[4]) : 0);
        const std::string live = go_live(client, arguments[1], arguments[2], pace);
        std::printf("live: %s\n", live.c_str());
        return 0;
    } catch (const slipway::Error &error) {
        std::fflush(stdout);
        std::fprintf(stderr, "%s\n%s\n", error.outcome().message.c_str(), error.outcome().hint.c_str());
        return 1;
    }
}
