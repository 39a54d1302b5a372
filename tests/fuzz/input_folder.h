// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unistd.h>

namespace pissarro::fuzz {

// Between the files of an input that stands for a folder. No format has this byte outside a string's escapes.
inline constexpr char kNextFile = '\x1C';

// A folder of this process, in memory where the machine has such a place; emptied and filled again for each input.
class InputFolder {
public:
    // The files of `bytes`, in the order of `names`; a missing one is empty, what is beyond the last belongs to it.
    InputFolder(std::string_view bytes, std::initializer_list<const char*> names)
    {
        std::filesystem::remove_all(path());
        std::filesystem::create_directories(path());
        std::size_t left = names.size();
        for (const char* name : names) {
            const std::size_t end = --left == 0 ? std::string_view::npos : bytes.find(kNextFile);
            write(name, bytes.substr(0, end));
            bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
        }
    }
    ~InputFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path(), ignored);
    }
    InputFolder(const InputFolder&) = delete;
    InputFolder& operator=(const InputFolder&) = delete;

    static const std::filesystem::path& path()
    {
        static const std::filesystem::path kPath =
            (std::filesystem::exists("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                 : std::filesystem::temp_directory_path())
            / ("pissarro-fuzz-" + std::to_string(::getpid()));
        return kPath;
    }
    static void write(const char* name, std::string_view bytes)
    {
        std::filesystem::create_directories((path() / name).parent_path());
        std::ofstream(path() / name, std::ios::binary)
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
};

} // namespace pissarro::fuzz
