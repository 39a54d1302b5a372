// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/output_marker.h"

#include "core/base/error.h"
#include "core/base/version.h"
#include "core/file/atomic_file.h"
#include "core/file/fingerprint.h"
#include "core/file/grown_file_p.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fnmatch.h>
#include <fstream>
#include <map>

namespace pissarro::core::inline file {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

const std::string kMark = std::string(kMarkKey) + ": " + kMarkValue;
constexpr std::uint64_t kLargestMarker = 64ULL << 20;
constexpr const char* kPrints = "contents"; // in a marker; "prints" in those that read less
constexpr std::uint64_t kReadWhole = 64ULL << 20;
constexpr std::uint64_t kReadWholeBefore = 1ULL << 20;
constexpr std::uint64_t kLargestHeader = 100ULL << 20; // safetensors' own limit
constexpr std::size_t kFirstLine = 65536; // of a text file: a table may have many columns
constexpr std::size_t kPdfEnds =
    65536; // where a PDF keeps its properties: near the start or the end

// -- folders

struct Marker {
    std::map<std::string, std::uintmax_t> files;
    std::map<std::string, std::string> prints; // of them; none in markers of the first versions
    std::uint64_t readWhole = kReadWhole; // so large a file's print is of all of it
    std::vector<std::string> patterns;
};

// Of a file's content: all of one up to `readWhole` bytes; of one that is too large to be read each time that it is asked of
// the two ends, and in today's markers a page of each stretch between. Nothing about its times, which a copy does not have.
std::string printOf(const fs::path& path, std::uint64_t readWhole)
{
    constexpr std::size_t kEnd = 512U << 10U;
    constexpr std::size_t kPage = 4U << 10U;
    constexpr std::size_t kStretch = 256U << 10U;
    const auto file = MappedFile::open(path);
    const auto bytes = file->bytes();
    Fingerprint print;
    const auto add = [&](std::size_t at, std::size_t size) {
        print.add(bytes.data() + at, size);
        file->release(bytes.data() + at, kStretch); // no part of what a run is said to need
    };
    if (bytes.size() <= readWhole) {
        for (std::size_t at = 0; at < bytes.size(); at += kStretch) {
            add(at, std::min(kStretch, bytes.size() - at));
        }
    } else {
        print.add(bytes.data(), kEnd);
        print.add(bytes.last(kEnd).data(), kEnd);
        for (std::size_t at = kEnd; readWhole == kReadWhole && at < bytes.size() - kEnd;
             at += kStretch) {
            add(at, std::min(kPage, bytes.size() - at));
        }
    }
    std::string text = print.text();
    requireIntact(bytes.data());
    return text;
}

bool isAsWritten(const Marker& marker, const fs::path& path, const std::string& name)
{
    const auto print = marker.prints.find(name);
    try {
        return print == marker.prints.end() || printOf(path, marker.readWhole) == print->second;
    } catch (const Error&) { // it cannot be read: a person's doing
        return false;
    }
}

std::optional<Marker> readMarker(const fs::path& folder)
{
    const fs::path file = folder / kFolderMarker;
    std::error_code failed;
    if (!fs::is_regular_file(fs::symlink_status(file, failed))) {
        return std::nullopt;
    }
    try {
        const json text = parseOwnPlain(readWholeFile(file, kLargestMarker));
        if (!text.is_object() || jsonFieldAs<std::string>(text, kMarkKey) != kMarkValue) {
            return std::nullopt;
        }
        const json files = text.value("files", json::object());
        const bool isToday = text.contains(kPrints);
        const json prints = text.value(isToday ? kPrints : "prints", json::object());
        const json patterns = text.value("patterns", json::array());
        if (!files.is_object() || !prints.is_object() || !patterns.is_array()) {
            return std::nullopt;
        }
        Marker marker;
        marker.readWhole = isToday ? kReadWhole : kReadWholeBefore;
        for (const auto& [name, size] : files.items()) {
            if (const auto bytes = jsonAs<std::uintmax_t>(size)) {
                marker.files[name] = *bytes;
            }
        }
        for (const auto& [name, print] : prints.items()) {
            marker.prints[name] = jsonAs<std::string>(print).value_or(std::string());
        }
        for (const json& pattern : patterns) {
            if (auto name = jsonAs<std::string>(pattern)) {
                marker.patterns.push_back(std::move(*name));
            }
        }
        return marker;
    } catch (const Error&) {
        return std::nullopt;
    }
}

enum class Allowed {
    No,
    ByContent, // by a pattern with "*", which says not whose it is
    ByName,
};

// What the marker's patterns say of a name.
Allowed allowed(const Marker& marker, const std::string& name)
{
    Allowed found = Allowed::No;
    for (const std::string& pattern : marker.patterns) {
        if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0) {
            found = std::max(found,
                             pattern.find('*') == std::string::npos ? Allowed::ByName
                                                                    : Allowed::ByContent);
        }
    }
    return found;
}

// Whether the marker lists something below the folder `name`, which it then need not list itself.
bool leadsTo(const Marker& marker, const std::string& name)
{
    const std::string prefix = name + "/";
    const auto below = marker.files.lower_bound(prefix);
    return (below != marker.files.end() && below->first.starts_with(prefix))
        || std::any_of(marker.patterns.begin(), marker.patterns.end(),
                       [&](const std::string& pattern) { return pattern.starts_with(prefix); });
}

bool isListedFile(const Marker& marker, const fs::directory_entry& entry, const std::string& name)
{
    if (entry.is_symlink() || !entry.is_regular_file()) {
        return false;
    }
    const auto found = marker.files.find(name);
    if (found != marker.files.end() && entry.file_size() == found->second
        && isAsWritten(marker, entry.path(), name)) {
        return true;
    }
    const Allowed by = allowed(marker, name);
    return by == Allowed::ByName || (by == Allowed::ByContent && isGrownHere(entry.path()));
}

std::optional<fs::path> foreignBelow(const fs::path& folder, const fs::path& root,
                                     const Marker& marker)
{
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().lexically_relative(root).generic_string();
        std::optional<fs::path> foreign;
        if (name == kFolderMarker || isLeftover(entry.path().filename().string())) {
            continue;
        }
        if (entry.is_directory() && !entry.is_symlink()) {
            foreign = allowed(marker, name + "/") != Allowed::No ? foreignIn(entry.path())
                : leadsTo(marker, name) ? foreignBelow(entry.path(), root, marker)
                                        : std::optional(entry.path());
        } else if (!isListedFile(marker, entry, name)) {
            foreign = entry.path();
        }
        if (foreign) {
            return foreign;
        }
    }
    return std::nullopt;
}

void writeMarker(const fs::path& folder, const ordered_json& listed)
{
    ordered_json text {{kMarkKey, kMarkValue}, {"version", version()}};
    text.update(listed);
    writeFileAtomically(folder / kFolderMarker,
                        text.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

// -- files

// Looks for "generator": "pissarro" in an object, or in the object `within` of it, and stops as soon as it knows.
class MarkFinder : public nlohmann::json_sax<json> {
public:
    explicit MarkFinder(std::string within)
        : m_within(std::move(within))
    {
    }

    bool found() const { return m_found; }

    bool null() override { return m_depth > 0; }
    bool boolean(bool /*value*/) override { return m_depth > 0; }
    bool number_integer(number_integer_t /*value*/) override { return m_depth > 0; }
    bool number_unsigned(number_unsigned_t /*value*/) override { return m_depth > 0; }
    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override
    {
        return m_depth > 0;
    }
    bool binary(binary_t& /*value*/) override { return false; }
    bool string(string_t& value) override
    {
        m_found = m_here && m_key == kMarkKey && value == kMarkValue;
        return m_depth > 0 && !m_found;
    }
    bool start_object(std::size_t /*elements*/) override
    {
        ++m_depth;
        m_here = m_depth == (m_within.empty() ? 1 : 2) && (m_within.empty() || m_key == m_within);
        return true;
    }
    bool key(string_t& value) override
    {
        m_key = value;
        return true;
    }
    bool end_object() override
    {
        m_here = --m_depth == 1 && m_within.empty();
        return m_depth > 0;
    }
    bool start_array(std::size_t /*elements*/) override
    {
        m_here = false;
        return m_depth++ > 0; // an array at the top holds no mark
    }
    bool end_array() override
    {
        m_here = --m_depth == 1 && m_within.empty();
        return true;
    }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override
    {
        return false;
    }

private:
    std::string m_within;
    std::string m_key; // the last one read
    int m_depth = 0;
    bool m_here = false; // whether a key read now belongs to the object that holds the mark
    bool m_found = false;
};

bool jsonIsOurs(std::istream& text)
{
    MarkFinder finder({});
    json::sax_parse(text, &finder, json::input_format_t::json, /*strict=*/false);
    return finder.found();
}

std::string readAt(std::istream& file, std::streamoff offset, std::size_t most)
{
    file.clear();
    file.seekg(offset);
    std::string bytes(most, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(most));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return bytes;
}

bool safetensorsIsOurs(std::istream& file, std::uint64_t headerBytes)
{
    if (headerBytes > kLargestHeader) {
        return false;
    }
    const std::string header = readAt(file, 8, static_cast<std::size_t>(headerBytes));
    MarkFinder finder("__metadata__");
    json::sax_parse(header, &finder, json::input_format_t::json, /*strict=*/false);
    return finder.found();
}

// Chunks of a PNG are a length, most significant byte first, a name, the data and four bytes of checksum.
bool pngIsOurs(std::istream& file)
{
    const std::string wanted = std::string(kMarkKey) + '\0' + kMarkValue;
    constexpr std::size_t kMostText = 4096;
    std::streamoff at = 8;
    for (;;) {
        const std::string chunk = readAt(file, at, 8 + kMostText);
        if (chunk.size() < 8 || chunk.substr(4, 4) == "IEND") {
            return false;
        }
        std::uint32_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            length = length << 8U | static_cast<unsigned char>(chunk[i]);
        }
        if (chunk.substr(4, 4) == "tEXt" && length == wanted.size()
            && chunk.substr(8, length) == wanted) {
            return true;
        }
        at += 12 + static_cast<std::streamoff>(length);
    }
}

// Qt writes properties in UTF-16 with the most significant byte first.
bool pdfIsOurs(std::istream& file)
{
    file.seekg(0, std::ios::end);
    const std::streamoff size = file.tellg();
    const auto tail = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kPdfEnds));
    const std::string bytes = readAt(file, 0, kPdfEnds) + readAt(file, tail, kPdfEnds);
    for (const char* name : {"pissarro", "Pissarro"}) {
        std::string wide = "/Creator (\xfe\xff";
        for (const char* c = name; *c != '\0'; ++c) {
            wide += '\0';
            wide += *c;
        }
        if (bytes.find(wide + ")") != std::string::npos
            || bytes.find("/Creator (" + std::string(name) + ")") != std::string::npos) {
            return true;
        }
    }
    return false;
}

bool isOurStream(std::istream& file)
{
    const std::string head = readAt(file, 0, kFirstLine);
    if (head.starts_with("\x89PNG\r\n\x1a\n")) {
        return pngIsOurs(file);
    }
    if (head.starts_with("%PDF-")) {
        return pdfIsOurs(file);
    }
    if (head.size() > 8 && head[8] == '{') {
        std::uint64_t length = 0;
        std::memcpy(&length, head.data(), sizeof length);
        if (length < kLargestHeader && head[7] == '\0') { // no text has a zero byte
            return safetensorsIsOurs(file, length);
        }
    }
    if (const auto first = head.find_first_not_of(" \t\r\n");
        first != std::string::npos && (head[first] == '{' || head[first] == '[')) {
        file.clear();
        file.seekg(0);
        return jsonIsOurs(file);
    }
    return std::string_view(head).substr(0, head.find('\n')).find(kMark) != std::string::npos;
}

} // namespace

void markFolder(const fs::path& folder)
{
    json files = json::object();
    json prints = json::object();
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().lexically_relative(folder).generic_string();
        if (entry.is_regular_file() && !entry.is_symlink() && name != kFolderMarker) {
            files[name] = entry.file_size();
            prints[name] = printOf(entry.path(), kReadWhole);
        }
    }
    writeMarker(folder, {{"files", files}, {kPrints, prints}});
}

void markGrowingFolder(const fs::path& folder, const std::vector<std::string>& patterns)
{
    writeMarker(folder, {{"patterns", patterns}});
}

bool isGrowingFolder(const fs::path& folder)
{
    const std::optional<Marker> marker = readMarker(folder);
    return marker && !marker->patterns.empty();
}

std::optional<fs::path> foreignIn(const fs::path& folder)
{
    const std::optional<Marker> marker = readMarker(folder);
    return marker ? foreignBelow(folder, folder, *marker) : folder;
}

bool isOurFile(const fs::path& path)
{
    std::error_code failed;
    if (!fs::is_regular_file(path, failed)) {
        return false;
    }
    try {
        std::ifstream file(path, std::ios::binary);
        return file && isOurStream(file);
    } catch (const std::exception&) { // a header that no memory holds
        return false;
    }
}

ordered_json markedJson(const ordered_json& object)
{
    ordered_json marked {{kMarkKey, kMarkValue}};
    for (const auto& [key, value] : object.items()) {
        marked[key] = value;
    }
    return marked;
}

std::string markedMarkdown(std::string_view text)
{
    return "<!-- " + kMark + " -->\n" + std::string(text);
}

std::string markedCsv(std::string_view text)
{
    std::string marked;
    marked.reserve(text.size() + text.size() / 16 + kMark.size());
    bool quoted = false; // a cell may hold a line feed
    bool head = true;
    for (const char c : text) {
        quoted = quoted != (c == '"');
        if (c == '\n' && !quoted) {
            marked += head ? "," + kMark : ",";
            head = false;
        }
        marked += c;
    }
    return marked;
}

std::string markedSvg(std::string_view text)
{
    const std::size_t declaration = text.starts_with("<?xml") ? text.find("?>") : std::string::npos;
    const std::size_t at = declaration == std::string::npos ? 0 : declaration + 2;
    return std::string(text.substr(0, at)) + "<!-- " + kMark + " -->"
        + std::string(text.substr(at));
}

} // namespace pissarro::core::inline file
