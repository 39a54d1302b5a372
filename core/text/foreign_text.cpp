// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/foreign_text.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace pissarro::core::inline text {

namespace {

using namespace std::string_view_literals;

struct Kind {
    std::string_view begins;
    std::string_view is;
};
constexpr std::array kKinds {
    Kind {"version https://git-lfs.github.com/"sv,
          "is a pointer of Git LFS, not the file itself; run git lfs pull, or download the file"sv},
    Kind {"<!doctype html"sv, "is an HTML page, as a failed download leaves; get the file again"sv},
    Kind {"<html"sv, "is an HTML page, as a failed download leaves; get the file again"sv},
    Kind {"\x1f\x8b"sv, "is compressed by gzip; unpack it"sv},
    Kind {"\x28\xb5\x2f\xfd"sv, "is compressed by zstd; unpack it"sv},
    Kind {"\xfd"
          "7zXZ"sv,
          "is compressed by xz; unpack it"sv},
    Kind {"BZh"sv, "is compressed by bzip2; unpack it"sv},
    Kind {"PK\x03\x04"sv,
          "is a ZIP archive, or a PyTorch checkpoint, which is one; unpack or convert it"sv},
    Kind {"PAR1"sv, "is a Parquet file; convert it"sv},
    Kind {"GGUF"sv, "is a GGUF file; give it a name that ends in .gguf"sv},
    Kind {"\xff\xfe"sv, "is text in UTF-16; save it as UTF-8"sv},
    Kind {"\xfe\xff"sv, "is text in UTF-16; save it as UTF-8"sv},
};

bool beginsWith(std::string_view text, std::string_view lower)
{
    return text.size() >= lower.size()
        && std::equal(lower.begin(), lower.end(), text.begin(), [](char one, char given) {
               return one == given
                   || one == static_cast<char>(std::tolower(static_cast<unsigned char>(given)));
           });
}

} // namespace

std::string_view foreignKind(std::string_view firstBytes)
{
    while (!firstBytes.empty() && (firstBytes.front() == '\n' || firstBytes.front() == '\r')) {
        firstBytes.remove_prefix(1); // before an HTML page
    }
    for (const Kind& kind : kKinds) {
        if (beginsWith(firstBytes, kind.begins)) {
            return kind.is;
        }
    }
    return {};
}

void refuseForeign(std::string_view firstBytes)
{
    if (const std::string_view kind = foreignKind(firstBytes); !kind.empty()) {
        throw Error(ErrorKind::Format, Clause {std::string(kind)});
    }
}

void refuseForeign(std::span<const std::byte> firstBytes)
{
    refuseForeign(
        std::string_view(reinterpret_cast<const char*>(firstBytes.data()), firstBytes.size()));
}

} // namespace pissarro::core::inline text
