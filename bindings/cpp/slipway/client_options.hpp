// What a client is made from. Part of slipway.hpp.
#ifndef SLIPWAY_CLIENT_OPTIONS_HPP
#define SLIPWAY_CLIENT_OPTIONS_HPP

#include "arguments.hpp"
#include "time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#if SLIPWAY_HPP_EXCEPTIONS
#include <exception>
#endif

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {

/// Where a client's callbacks come.
enum class Delivery : std::int32_t {
    thread = SLIPWAY_DELIVERY_THREAD, ///< On a thread of the client's own.
    polled = SLIPWAY_DELIVERY_POLLED  ///< Inside Client::poll, on the thread that calls it.
};

/// What a client is made from. What is not set has the default of slipway_client_options.
struct ClientOptions {
    Delivery delivery = Delivery::thread;
    std::optional<std::string> streampixel_base_url;
    std::optional<std::string> streampixel_api_key; ///< Not set: STREAMPIXEL_API_KEY.
    std::optional<std::string> streampixel_user_id; ///< Not set: STREAMPIXEL_USER_ID.
    /// Up to and with "/mediadb", such as "https://dam.example.com/assets/mediadb". Not set: ENTERMEDIA_BASE_URL.
    std::optional<std::string> entermedia_base_url;
    std::optional<std::string> entermedia_key;      ///< Not set: ENTERMEDIA_KEY. Without one the client logs in.
    std::optional<std::string> entermedia_user;     ///< Not set: ENTERMEDIA_USER.
    std::optional<std::string> entermedia_password; ///< Not set: ENTERMEDIA_PASSWORD.
    std::optional<std::string> proxy;               ///< Not set: the usual environment variables. Empty: none.
    std::optional<std::string> ca_bundle;           ///< A file of PEM certificates to trust instead of the system's.
    std::optional<std::string> user_agent;          ///< Added to User-Agent: name your tool.
    Milliseconds connect_timeout{0};
    Milliseconds idle_timeout{0};
    Milliseconds deadline{0};
    std::uint32_t max_attempts = 0;
    Milliseconds retry_delay{0};
    std::uint32_t max_connections = 0;
    Milliseconds streampixel_rate_window{0};
    bool allow_insecure = false;

    /// The client's last callback.
    std::function<void()> on_closed;

#if SLIPWAY_HPP_EXCEPTIONS
    /// Gets each exception that leaves a callback of this client, on the same thread. Not set: they are dropped.
    std::function<void(std::exception_ptr)> on_exception;
#endif

    /// How long the destructor may block for callbacks that have not come yet. Not set: not at all or, for a polled
    /// client, ten seconds, since nobody could deliver them afterwards: it cancels what runs and delivers what is left,
    /// which takes milliseconds unless a callback takes longer.
    std::optional<Milliseconds> linger;
};

namespace detail {

/// All but what is called back.
inline slipway_client_options to_c(const ClientOptions &options, Arguments &arguments) {
    slipway_client_options c = SLIPWAY_CLIENT_OPTIONS_INIT;
    c.delivery = static_cast<std::int32_t>(options.delivery);
    c.streampixel_base_url = arguments(options.streampixel_base_url);
    c.streampixel_api_key = arguments(options.streampixel_api_key);
    c.streampixel_user_id = arguments(options.streampixel_user_id);
    c.entermedia_base_url = arguments(options.entermedia_base_url);
    c.entermedia_key = arguments(options.entermedia_key);
    c.entermedia_user = arguments(options.entermedia_user);
    c.entermedia_password = arguments(options.entermedia_password);
    c.proxy = arguments(options.proxy);
    c.ca_bundle = arguments(options.ca_bundle);
    c.user_agent = arguments(options.user_agent);
    c.connect_timeout_ms = setting(options.connect_timeout);
    c.idle_timeout_ms = setting(options.idle_timeout);
    c.deadline_ms = setting(options.deadline);
    c.max_attempts = options.max_attempts;
    c.retry_delay_ms = setting(options.retry_delay);
    c.max_connections = options.max_connections;
    c.streampixel_rate_window_ms = setting(options.streampixel_rate_window);
    c.allow_insecure = options.allow_insecure;
    return c;
}

static_assert(sizeof(void *) != 8 || sizeof(slipway_client_options) == 136, "ClientOptions: carry the new member");

} // namespace detail

} // inline namespace
} // namespace slipway

#endif // SLIPWAY_CLIENT_OPTIONS_HPP
