// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/sandbox/descriptor_p.h"
#include "core/sandbox/interpreter_p.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration)

namespace pissarro::core::inline sandbox {

namespace {

namespace fs = std::filesystem;

// A prefix beside the system's (pyenv, conda) has libraries of its own; of the system's the libraries are enough.
constexpr const char* kAsk = R"(
import json, os, sys
assert sys.version_info >= (3, 8)
real = os.path.realpath
folders = {real(os.path.dirname(os.__file__))}
for prefix in {real(sys.base_prefix), real(sys.base_exec_prefix)}:
    if prefix not in ("/", "/usr", "/usr/local"):
        folders |= {real(os.path.join(prefix, name)) for name in ("lib", "lib64")}
print(json.dumps({"program": real(sys.executable), "folders": sorted(folders)}))
)";

// What `argv` writes on standard output, of a few kB. Throws: as findInterpreter().
std::string answerOf(const std::string& name)
{
    auto [reads, writes] = makePipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writes.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::array<std::string, 5> words {name, "-I", "-S", "-c", kAsk};
    std::array<char*, words.size() + 1> argv {};
    std::transform(words.begin(), words.end(), argv.begin(),
                   [](std::string& w) { return w.data(); });
    pid_t pid = 0;
    const int fault = posix_spawnp(&pid, name.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    writes.close();
    if (fault != 0) {
        throw Error(ErrorKind::InvalidArgument,
                    "the interpreter " + shownText(name)
                        + " cannot be started: " + systemErrorText(fault) + "; name a Python 3");
    }
    std::string text;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (bool open = true; open && text.size() < (64U << 10U);) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd wait {reads.get(), POLLIN, 0};
        const int ready = left.count() > 0 ? poll(&wait, 1, static_cast<int>(left.count())) : 0;
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        std::array<char, 4096> bytes {};
        const ssize_t count = ready > 0 ? read(reads.get(), bytes.data(), bytes.size()) : 0;
        open = count > 0;
        text.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    kill(pid, SIGKILL); // it has said what it had to say, or hangs
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) { }
    return text;
}

bool isBelow(const fs::path& path, const fs::path& folder)
{
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first
        == folder.end();
}

} // namespace

Interpreter findInterpreter(const std::string& name)
{
    const std::string text = answerOf(name);
    Interpreter found;
    std::vector<std::string> folders {"/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
                                      "/lib",     "/lib64",     "/nix/store", "/gnu/store"};
    try {
        const nlohmann::json answer = parseJson(text);
        found.program = jsonAs<std::string>(answer.at("program")).value();
        for (const auto& folder : answer.at("folders")) {
            folders.push_back(jsonAs<std::string>(folder).value());
        }
    } catch (const std::exception&) {
        throw Error(ErrorKind::InvalidArgument,
                    "the interpreter " + shownText(name)
                        + " does not answer as Python 3.8 or later does; name one");
    }
    for (const std::string& folder : folders) {
        std::error_code
            none; // a folder that is a link has its place; the link is made again (confinement.cpp)
        const bool isFolder = fs::is_directory(fs::symlink_status(folder, none));
        const bool isKnown =
            std::any_of(found.readable.begin(), found.readable.end(),
                        [&](const std::string& known) { return isBelow(folder, known); });
        if (isFolder && !isKnown && folder != "/") {
            found.readable.push_back(folder);
        }
    }
    found.readable.push_back(found.program);
    return found;
}

} // namespace pissarro::core::inline sandbox
