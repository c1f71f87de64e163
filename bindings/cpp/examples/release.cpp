// release: a packaged build goes on the air.
//
//     export STREAMPIXEL_API_KEY=... STREAMPIXEL_USER_ID=...
//     export ENTERMEDIA_BASE_URL=https://dam.example.com/assets/mediadb ENTERMEDIA_USER=... ENTERMEDIA_PASSWORD=...
//     ./release Saved/MyGame-1.0.zip 665a1c2e9b1d4f0012ab34cd [resume from]
//
// It may be ended at any moment, with Ctrl-C as well: start it again with what the last "resume from" said. The last line of a release
// that worked is "live: <upload id>"; of one that did not there is what happened, what to do, and what to resume from.
//
// For a stand-in of the service: STREAMPIXEL_BASE_URL, and RELEASE_PACE_MS, which is how long it takes between two questions.
#include <slipway.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

double seconds(slipway::Milliseconds time) { return std::chrono::duration<double>(time).count(); }

/// Prints news, each once.
class Teller {
public:
    void operator()(const slipway::Progress &progress) {
        if (!progress.resume_from.empty() && progress.resume_from != resume_from_) {
            resume_from_ = progress.resume_from;
            std::printf("resume from: %s\n", resume_from_.c_str());
        }
        const std::string news = progress.bytes_total > 0 ? sent(progress) : progress.message;
        if (news != last_) {
            const char *stage = name(progress.release_stage);
            std::printf("%7.1f s  %-10s  %s%s\n", seconds(progress.elapsed), stage, news.c_str(), rate(progress).c_str());
        }
        last_ = news;
        std::fflush(stdout);
    }

private:
    static std::string sent(const slipway::Progress &progress) {
        const std::string percent = std::to_string(100 * progress.bytes_done / progress.bytes_total);
        return percent + " % of " + megabytes(progress.bytes_total);
    }

    static std::string rate(const slipway::Progress &progress) {
        if (progress.bytes_per_second == 0) return {}; // Not known yet, or nothing is sent.
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(progress.time_left);
        return ", " + megabytes(progress.bytes_per_second) + "/s, " + std::to_string(left.count()) + " s left";
    }

    static std::string megabytes(std::uint64_t bytes) {
        char text[40];
        std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
        return text;
    }

    std::string resume_from_;
    std::string last_;
};

slipway::Release release(const char *file_path, const char *project_id, const char *resume_from) {
    slipway::ClientOptions options; // Keys and EnterMedia's address: from the environment.
    options.user_agent = "release";
    if (const char *url = std::getenv("STREAMPIXEL_BASE_URL")) options.streampixel_base_url = url;
    slipway::Client client(options);

    slipway::ReleaseRequest request;
    request.project_id = project_id;
    request.file_path = file_path;
    request.resume_from = resume_from; // Empty: from the start.
    if (const char *pace = std::getenv("RELEASE_PACE_MS")) request.interval = request.settle = slipway::Milliseconds(std::atoi(pace));
    request.on_progress = Teller();
    return client.release(request).get().value();
}

} // namespace

int main(int count, char **arguments) {
    if (count < 3 || count > 4) {
        std::fputs("usage: release FILE.zip PROJECT_ID [RESUME_FROM]\n", stderr);
        return 2;
    }
    try {
        const slipway::Release live = release(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
        for (const slipway::Release::Step &step : live.timeline)
            std::printf("%-10s took %.1f s%s\n", name(step.stage), seconds(step.took), step.reused ? ", before" : "");
        std::printf("live: %s\n", live.upload_id.c_str());
        return 0;
    } catch (const slipway::ErrorOf<slipway::Release> &error) {
        const slipway::Release &ended = error.answer();
        std::fflush(stdout);
        std::fprintf(stderr, "release %s: %s\n%s\n", name(ended.stage), error.outcome().message.c_str(), error.outcome().hint.c_str());
        if (!ended.resume_from.empty()) std::fprintf(stderr, "resume from: %s\n", ended.resume_from.c_str());
    } catch (const slipway::Error &error) { // There is no client.
        std::fprintf(stderr, "%s\n", error.outcome().message.c_str());
    }
    return 1;
}
