// Reads answers. Part of slipway.hpp.
#ifndef SLIPWAY_READER_HPP
#define SLIPWAY_READER_HPP

#include "mode.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {
inline namespace SLIPWAY_HPP_MODE {
namespace detail {

/// Reads members of the answer, or of a part of it, while the callback that got it runs.
class Reader {
public:
    explicit Reader(const slipway_result *result, std::string base = {}) : result_(result), base_(std::move(base)) {}

    /// Empty where the service does not tell.
    std::string text(const char *member) const { return text_at(pointer(member)); }

    std::optional<bool> boolean(const char *member) const {
        const std::int32_t value = slipway_result_boolean(result_, pointer(member).c_str(), -1);
        return value < 0 ? std::nullopt : std::optional<bool>(value != 0);
    }

    std::optional<std::int64_t> integer(const char *member) const {
        const std::string at = pointer(member);
        if (slipway_result_type(result_, at.c_str()) != SLIPWAY_JSON_INTEGER) return std::nullopt;
        return slipway_result_integer(result_, at.c_str(), 0);
    }

    std::vector<std::string> texts(const char *member) const {
        std::vector<std::string> all;
        each(member, [&](const std::string &at) { all.push_back(text_at(at)); });
        return all;
    }

    /// An object of texts: by its members' names.
    std::map<std::string, std::string> members(const char *member) const {
        std::map<std::string, std::string> all;
        const std::string object = pointer(member);
        if (slipway_result_type(result_, object.c_str()) != SLIPWAY_JSON_OBJECT) return all;
        const std::size_t count = slipway_result_count(result_, object.c_str());
        for (std::size_t index = 0; index < count; ++index) {
            const char *name = slipway_result_name(result_, object.c_str(), index);
            if (!name) continue;
            std::string text = text_at(object + "/" + escaped(name));
            if (!text.empty()) all.emplace(name, std::move(text));
        }
        return all;
    }

    template <class Element> std::vector<Element> elements(const char *member) const {
        std::vector<Element> all;
        each(member, [&](std::string at) {
            Element element;
            read(Reader(result_, std::move(at)), element);
            all.push_back(std::move(element));
        });
        return all;
    }

private:
    std::string pointer(const char *member) const { return base_ + "/" + member; }

    std::string text_at(const std::string &at) const {
        const char *text = slipway_result_string(result_, at.c_str());
        return text ? text : std::string();
    }

    /// As a part of a JSON Pointer.
    static std::string escaped(const std::string &name) {
        std::string part;
        for (const char character : name) {
            if (character == '~')
                part += "~0";
            else if (character == '/')
                part += "~1";
            else
                part += character;
        }
        return part;
    }

    template <class Visit> void each(const char *member, Visit visit) const {
        const std::string array = pointer(member);
        if (slipway_result_type(result_, array.c_str()) != SLIPWAY_JSON_ARRAY) return;
        const std::size_t count = slipway_result_count(result_, array.c_str());
        for (std::size_t index = 0; index < count; ++index) visit(array + "/" + std::to_string(index));
    }

    const slipway_result *result_;
    std::string base_;
};

} // namespace detail
} // inline namespace
} // namespace slipway

#endif // SLIPWAY_READER_HPP
