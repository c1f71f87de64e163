// Hands a request to C. Part of slipway.hpp.
#ifndef SLIPWAY_ARGUMENTS_HPP
#define SLIPWAY_ARGUMENTS_HPP

#include "mode.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {
namespace detail {

/// Hands texts and lists to C, and notices what C would not. The texts stay the request's; the lists of pointers that C wants live as long
/// as this does.
class Arguments {
public:
    Arguments() = default;
    Arguments(const Arguments &) = delete;
    Arguments &operator=(const Arguments &) = delete;

    const char *operator()(const std::string &text) noexcept {
        require(text.find('\0') == std::string::npos); // C would take what is before it.
        return text.c_str();
    }

    const char *operator()(const std::optional<std::string> &text) noexcept { return text ? (*this)(*text) : nullptr; }

    /// For members that are optional.
    const char *unless_empty(const std::string &text) noexcept { return text.empty() ? nullptr : (*this)(text); }

    const char *const *operator()(const std::vector<std::string> &texts) {
        return list(texts, [this](const std::string &text) { return (*this)(text); });
    }

    const char *const *unless_empty(const std::vector<std::string> &texts) {
        return list(texts, [this](const std::string &text) { return unless_empty(text); });
    }

    /// The names of a map, and its values, in the same order.
    const char *const *names(const std::map<std::string, std::string> &texts) {
        return list(texts, [this](const auto &text) { return (*this)(text.first); });
    }

    const char *const *values(const std::map<std::string, std::string> &texts) {
        return list(texts, [this](const auto &text) { return (*this)(text.second); });
    }

    /// Has structs that point into the request for as long as this lives, where it is.
    const slipway_entermedia_term *keep(std::vector<slipway_entermedia_term> terms) noexcept {
        terms_ = std::move(terms);
        return terms_.empty() ? nullptr : terms_.data();
    }

    const slipway_storage *keep(const slipway_storage &storage) noexcept {
        storage_ = storage;
        return &storage_;
    }

    /// Refuses the request unless this is true.
    void require(bool condition) noexcept { good_ = good_ && condition; }

    bool good() const noexcept { return good_; }

private:
    template <class Texts, class Lend> const char *const *list(const Texts &texts, Lend lend) {
        if (texts.empty()) return nullptr;
        std::vector<const char *> pointers;
        pointers.reserve(texts.size());
        for (const auto &text : texts) pointers.push_back(lend(text));
        lists_.push_back(std::move(pointers));
        return lists_.back().data();
    }

    std::vector<std::vector<const char *>> lists_; // Growing moves the lists, not what they hold.
    std::vector<slipway_entermedia_term> terms_;
    slipway_storage storage_ = SLIPWAY_STORAGE_INIT;
    bool good_ = true;
};

} // namespace detail
} // inline namespace
} // namespace slipway

#endif // SLIPWAY_ARGUMENTS_HPP
