// store: a file gets a link.
//
//     export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
//     ./store Saved/MyGame-1.0.zip s3://my-bucket/builds
//     ./store Saved/MyGame-1.0.zip /var/www/builds
//     ./store Saved/MyGame-1.0.zip "https://account.blob.core.windows.net/builds/MyGame-1.0.zip?sv=..."
//
// It goes into a bucket, into a folder, or to a URL that takes a PUT. The program may be ended at any moment, with Ctrl-C as well: started
// again, it goes on with the parts that the bucket has. The last line is "link: <URL>" or, where there is none, "stored: <path>"; when it
// did not work there is what happened and what to do.
//
// AWS_ENDPOINT_URL: storage that is not Amazon's, such as "https://minio.example.com:9000". STORE_PUBLIC_URL: what is stored is read
// through this, such as "https://builds.example.com"; without it the link into a bucket is a presigned one, and a folder has none.
#include <slipway.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

double seconds(slipway::Milliseconds time) { return std::chrono::duration<double>(time).count(); }

std::string megabytes(std::uint64_t bytes) {
    char text[40];
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    return text;
}

/// Prints news, each once.
class Teller {
public:
    void operator()(const slipway::Progress &progress) {
        const std::string news = progress.bytes_total > 0 ? sent(progress) : progress.message;
        if (news == last_) return;
        std::printf("%7.1f s  %s%s%s\n", seconds(progress.elapsed), news.c_str(), parts(progress).c_str(), rate(progress).c_str());
        std::fflush(stdout);
        last_ = news;
    }

private:
    static std::string sent(const slipway::Progress &progress) {
        const std::string percent = std::to_string(100 * progress.bytes_done / progress.bytes_total);
        return percent + " % of " + megabytes(progress.bytes_total);
    }

    static std::string parts(const slipway::Progress &progress) {
        if (progress.items_total == 0) return {}; // It goes in one piece.
        return ", " + std::to_string(progress.items_done) + " of " + std::to_string(progress.items_total) + " parts";
    }

    static std::string rate(const slipway::Progress &progress) {
        if (progress.bytes_per_second == 0) return {}; // Not known yet, or nothing is sent.
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(progress.time_left);
        return ", " + megabytes(progress.bytes_per_second) + "/s, " + std::to_string(left.count()) + " s left";
    }

    std::string last_;
};

bool begins(const std::string &text, const char *with) { return text.rfind(with, 0) == 0; }

/// A bucket, a URL or a folder.
slipway::Storage aimed_at(const std::string &target) {
    const char *found = std::getenv("STORE_PUBLIC_URL");
    const std::string public_url = found ? found : "";
    if (begins(target, "s3://")) {
        const std::string::size_type slash = target.find('/', 5);
        slipway::S3Storage s3; // Keys and region: the library looks into the environment by itself.
        s3.bucket = target.substr(5, slash - 5);
        if (slash != std::string::npos) s3.key_prefix = target.substr(slash + 1);
        if (const char *endpoint = std::getenv("AWS_ENDPOINT_URL")) s3.endpoint = endpoint;
        s3.public_url = public_url;
        return s3;
    }
    if (begins(target, "https://") || begins(target, "http://")) {
        slipway::PutUrlStorage put;
        put.put_url = target;
        put.public_url = public_url;
        return put;
    }
    slipway::DirectoryStorage folder;
    folder.directory = target;
    folder.public_url = public_url;
    return folder;
}

slipway::StoredObject store(const char *file_path, const char *target, const char *key) {
    slipway::ClientOptions options;
    options.user_agent = "store";
    slipway::Client client(options);

    slipway::StoreRequest request;
    request.storage = aimed_at(target);
    request.file_path = file_path;
    request.key = key; // Empty: the file's name.
    request.on_progress = Teller();
    return client.store(request).get().value();
}

} // namespace

int main(int count, char **arguments) {
    if (count < 3 || count > 4) {
        std::fputs("usage: store FILE s3://BUCKET[/PREFIX]|PUT_URL|FOLDER [KEY]\n", stderr);
        return 2;
    }
    try {
        const slipway::StoredObject object = store(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
        if (object.skipped) std::puts("The same was there already.");
        if (object.parts_reused > 0)
            std::printf("%s of %s parts were there already.\n", std::to_string(object.parts_reused).c_str(),
                        std::to_string(object.parts).c_str());
        if (object.url.empty())
            std::printf("stored: %s\n", object.path.c_str());
        else
            std::printf("link: %s\n", object.url.c_str());
        return 0;
    } catch (const slipway::Error &error) {
        std::fflush(stdout);
        std::fprintf(stderr, "%s: %s\n%s\n", name(error.status()), error.outcome().message.c_str(), error.outcome().hint.c_str());
    }
    return 1;
}
