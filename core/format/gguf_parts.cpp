// SPDX-License-Identifier: GPL-3.0-or-later
// A GGUF that llama.cpp's llama-gguf-split cut into files: x-00001-of-00003.gguf and so on. Each has a header of its own, whose
// split.no counts from 0; the model's values stand in the first.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/format/part_name.h"
#include "core/text/message_text.h"

#include <optional>
#include <system_error>
#include <utility>

namespace pissarro::core::inline format {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what)
{
    throw Error(ErrorKind::Format, fmt::format("{}: {}", shownPath(path), what));
}

// A whole number of a header, `otherwise` where it is not there.
std::int64_t wholeOf(const GgufFile& file, std::string_view key, std::int64_t otherwise)
{
    try {
        return file.integer(key).value_or(otherwise);
    } catch (const Error& e) {
        throw e.within(shownPath(file.file()->path()));
    }
}

// Part `number` of `count`, as its header and its name must agree.
void checkPart(const GgufFile& file, std::int64_t number, std::int64_t count)
{
    const std::int64_t saysCount = wholeOf(file, "split.count", 1);
    const std::int64_t saysNumber = wholeOf(file, "split.no", 0);
    if (saysCount != count || saysNumber != number - 1) {
        refuse(
            file.file()->path(),
            fmt::format("its header says split.no {} of split.count {} (expected {} of {} by its "
                        "name); the parts do not belong together: get the model again",
                        saysNumber, saysCount, number - 1, count));
    }
}

} // namespace

GgufFile GgufFile::open(const std::filesystem::path& path)
{
    GgufFile given = openOne(path);
    const std::int64_t count = wholeOf(given, "split.count", 1);
    if (count <= 1) {
        return given;
    }
    return openParts(std::move(given), count);
}

GgufFile GgufFile::openParts(GgufFile&& given, std::int64_t count)
{
    const std::filesystem::path path = given.file()->path();
    const std::optional<PartName> named = partNameOf(path.filename().string(), ".gguf");
    if (!named || named->count != count) {
        refuse(path,
               fmt::format("is one of {} parts of a split model, which its name does not say "
                           "(expected NAME-00001-of-{:05}.gguf and so on); give the parts their "
                           "names, or join them with llama-gguf-split --merge",
                           count, count));
    }
    GgufFile out;
    for (std::int64_t number = 1; number <= count; ++number) {
        const std::filesystem::path place = path.parent_path() / named->other(number).text();
        std::error_code ignored;
        if (number != named->number && !std::filesystem::exists(place, ignored)) {
            refuse(place,
                   fmt::format("part {} of {} of the model is missing (expected every part in one "
                               "folder); get it too",
                               number, count));
        }
        GgufFile part = number == named->number ? std::move(given) : openOne(place);
        checkPart(part, number, count);
        if (number == 1) {
            out.m_values = std::move(part.m_values);
        }
        for (const TensorView& tensor : part.tensors()) {
            if (out.find(tensor.name) != nullptr) {
                refuse(place,
                       fmt::format("tensor {} is in another part too; get the model again",
                                   shownText(tensor.name)));
            }
            out.m_tensors.add(tensor);
        }
        out.m_files.push_back(part.file());
    }
    const auto total = static_cast<std::int64_t>(out.tensors().size());
    const std::int64_t expected = wholeOf(out, "split.tensors.count", total);
    if (expected != total) {
        refuse(path,
               fmt::format("the {} parts hold {} tensors (expected {} by split.tensors.count); get "
                           "the model again",
                           count, total, expected));
    }
    return out;
}

} // namespace pissarro::core::inline format
