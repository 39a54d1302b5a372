// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pissarro::cli {

// The two streams of pissarro-cli: results go to stdout, everything else to stderr.
//
// A progress bar is drawn on stderr only where that is a terminal; a message clears it first.
// Threads: any; calls take turns.
class Console {
public:
    Console();
    ~Console(); // clears the bar
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    // These two are flushed, no newline is added.
    // What people read of a result: nothing in it is an order to a terminal (core::terminalText), however it gets to one.
    // A name that comes from a file stands on one line by core::terminalLine.
    void result(std::string_view text);
    // What another program takes: a model's own words, a rendered prompt, a path, JSON. Into a file or a pipe as it
    // is; on a terminal as result().
    void product(std::string_view text);
    void json(const nlohmann::ordered_json& document); // one document and a newline
    void message(std::string_view line);
    // These two go into the log as well (core/file/log.h).
    void warning(std::string_view line); // "warning: ..."
    void error(std::string_view message); // exactly one line: errorLine()
    // fraction in [0, 1], or negative while the length is unknown.
    void progress(double fraction, std::string_view stage);

    // False once stdout could not be written: disk full, reader gone.
    bool resultsWritten() const { return m_resultsWritten; }

private:
    void write(const std::string& shown); // to stdout
    void clearBar(); // requires m_mutex

    std::mutex m_mutex;
    const bool m_isTerminal; // stderr
    const bool m_resultsOnTerminal; // stdout
    bool m_barShown = false; // guarded by m_mutex, as all below
    std::chrono::steady_clock::time_point m_lastBar;
    bool m_resultsWritten = true;
};

// "error: " and the message on one line of at most kErrorLimit bytes: line breaks and control
// characters become spaces, what turns the direction of writing an escape, invalid UTF-8 becomes "?", the middle of a long message an ellipsis.
constexpr std::size_t kErrorLimit = 398;
std::string errorLine(std::string_view message);

std::string dumped(const nlohmann::ordered_json& document); // invalid UTF-8 inside becomes U+FFFD
std::string padded(std::string text, std::size_t width); // blanks before it, of a column of numbers
std::string exactNumber(double value); // shortest text that reads back to the same double
std::string durationText(double seconds); // 0.8 s, 2:05, 1:02:05

} // namespace pissarro::cli
