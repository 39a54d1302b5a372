// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"

#include "core/base/fmt.h"
#include "core/file/log.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"
#include "core/text/utf8.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace pissarro::cli {

namespace {

std::string onOneLine(std::string_view text)
{
    std::string line;
    line.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = core::characterAt(text, at).width;
        const auto byte = static_cast<unsigned char>(text[at]);
        if (length == 0) {
            line += '?';
        } else if (byte < 0x20 || byte == 0x7f) {
            line += line.ends_with(' ') ? "" : " ";
        } else {
            line += core::terminalLine(text.substr(at, length));
        }
        at += length == 0 ? 1 : length;
    }
    while (line.ends_with(' ')) {
        line.pop_back();
    }
    return line;
}

constexpr auto kBarInterval = std::chrono::milliseconds(80);
constexpr int kBarWidth = 24;

} // namespace

Console::Console()
    : m_isTerminal(::isatty(STDERR_FILENO) == 1)
    , m_resultsOnTerminal(::isatty(STDOUT_FILENO) == 1)
{
}

Console::~Console()
{
    const std::lock_guard lock(m_mutex);
    clearBar();
}

void Console::result(std::string_view text)
{
    write(core::terminalText(text));
}

void Console::product(std::string_view text)
{
    write(m_resultsOnTerminal ? core::terminalText(text) : std::string(text));
}

void Console::write(const std::string& shown)
{
    const std::lock_guard lock(m_mutex);
    clearBar();
    const bool written = std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size();
    m_resultsWritten = written && std::fflush(stdout) == 0 && m_resultsWritten;
}

void Console::json(const nlohmann::ordered_json& document)
{
    product(dumped(document) + "\n");
}

void Console::message(std::string_view line)
{
    const std::lock_guard lock(m_mutex);
    clearBar();
    const std::string text = onOneLine(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void Console::warning(std::string_view line)
{
    core::writeLog(core::LogLevel::Warning, std::string(line));
    message("warning: " + std::string(line));
}

void Console::error(std::string_view message)
{
    core::writeLog(core::LogLevel::Error, std::string(message));
    this->message(errorLine(message));
}

void Console::progress(double fraction, std::string_view stage)
{
    const std::lock_guard lock(m_mutex);
    const auto now = std::chrono::steady_clock::now();
    if (!m_isTerminal || now - m_lastBar < kBarInterval) {
        return;
    }
    m_lastBar = now;
    std::string bar = "\r\033[K";
    if (fraction >= 0.0) {
        const double share = std::min(fraction, 1.0);
        const int filled = static_cast<int>(std::lround(share * kBarWidth));
        bar += "[" + std::string(static_cast<std::size_t>(filled), '#')
            + std::string(static_cast<std::size_t>(kBarWidth - filled), ' ') + "] "
            + core::fixedText(100.0 * share, 0) + " % ";
    }
    bar += onOneLine(stage);
    std::fwrite(bar.data(), 1, bar.size(), stderr);
    std::fflush(stderr);
    m_barShown = true;
}

void Console::clearBar()
{
    if (m_barShown) {
        std::fputs("\r\033[K", stderr);
        std::fflush(stderr);
        m_barShown = false;
    }
}

std::string errorLine(std::string_view message)
{
    constexpr std::string_view kEllipsis = " … ";
    std::string line = "error: " + onOneLine(message);
    if (line.size() <= kErrorLimit) {
        return line;
    }
    const std::size_t kept = kErrorLimit - kEllipsis.size();
    std::size_t headEnd = kept / 2;
    std::size_t tailStart = line.size() - (kept - headEnd);
    while (core::isContinuation(line[headEnd])) {
        --headEnd;
    }
    while (tailStart < line.size() && core::isContinuation(line[tailStart])) {
        ++tailStart;
    }
    return line.substr(0, headEnd) + std::string(kEllipsis) + line.substr(tailStart);
}

std::string dumped(const nlohmann::ordered_json& document)
{
    return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string padded(std::string text, std::size_t width)
{
    text.insert(0, width > text.size() ? width - text.size() : 0, ' ');
    return text;
}

std::string exactNumber(double value)
{
    std::array<char, 64> text {};
    char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string durationText(double seconds)
{
    if (seconds < 60.0) {
        return core::fixedText(seconds, 1) + " s";
    }
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    const std::int64_t hours = whole / 3600;
    const std::int64_t minutes = whole / 60 % 60;
    return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                     : fmt::format("{}:{:02}", minutes, whole % 60);
}

} // namespace pissarro::cli
