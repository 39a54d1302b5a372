// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

// What every reader of fuzz targets asks of the code under test.
namespace pissarro::fuzz {

constexpr std::size_t kMessageLimit = 400;

// Throws: std::logic_error with the promise that was broken.
inline void demand(bool kept, const std::string& promise)
{
    if (!kept) {
        throw std::logic_error(promise);
    }
}

// Why `work` refused, nullopt when it did not. The message must be fit to show.
inline std::optional<std::string> refusal(const std::function<void()>& work)
{
    try {
        work();
        return std::nullopt;
    } catch (const core::Error& e) {
        const std::string message = e.what();
        const bool plain = std::none_of(message.begin(), message.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        });
        demand(message.size() < kMessageLimit, "a message is too long: " + message);
        demand(plain && core::isValidUtf8(message), "a message is no plain text: " + message);
        return message;
    }
}

} // namespace pissarro::fuzz
