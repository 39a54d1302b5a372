// SPDX-License-Identifier: GPL-3.0-or-later
// zlib and zstd are known here and nowhere else.
#include "core/file/packed_file.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/text/message_text.h"
#include "core/text/said.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <limits>
#include <span>
#include <string>
#include <unistd.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace pissarro::core::inline file {

namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr std::uint64_t kMostTimes = 4000; // gzip reaches 1,032, text a tenth of that
constexpr std::uint64_t kFreeBytes = 256U << 20U; // below it nothing is thought of a ratio
constexpr int kLargestWindowLog = 31; // what zstd --long=31 writes

using Bytes = std::span<const std::byte>;

// A file without a name: it goes with its descriptor, whatever becomes of the program.
class Nameless {
public:
    Nameless()
    {
        std::error_code failed;
        const auto folder = std::filesystem::temp_directory_path(failed);
        m_folder = failed ? std::filesystem::path("/tmp") : folder;
        std::string name = (m_folder / "pissarro-unpacked-XXXXXX").string();
        m_descriptor = ::mkostemp(name.data(), O_CLOEXEC);
        if (m_descriptor < 0) {
            fail();
        }
        ::unlink(name.c_str());
    }
    ~Nameless()
    {
        if (m_descriptor >= 0) {
            ::close(m_descriptor);
        }
    }
    Nameless(const Nameless&) = delete;
    Nameless& operator=(const Nameless&) = delete;

    void write(const char* data, std::size_t size)
    {
        while (size > 0) {
            const ssize_t written = ::write(m_descriptor, data, size);
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                fail();
            }
            data += written;
            size -= static_cast<std::size_t>(written);
            m_size += static_cast<std::uint64_t>(written);
        }
    }
    std::uint64_t size() const { return m_size; }
    std::shared_ptr<const MappedFile> map() const
    {
        return MappedFile::open(fmt::format("/proc/self/fd/{}", m_descriptor));
    }

private:
    [[noreturn]] void fail() const
    {
        throw Error(ErrorKind::Io,
                    fmt::format("cannot be unpacked into {}: {}; make room there, or set TMPDIR to "
                                "another folder",
                                shownPath(m_folder), systemErrorText(errno)));
    }

    std::filesystem::path m_folder;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
};

// Takes the pieces that come out, up to a limit.
class Sink {
public:
    Sink(Nameless& to, std::uint64_t packedBytes, std::uint64_t limitBytes, const JobContext& job)
        : m_to(to)
        , m_packed(packedBytes)
        , m_limit(limitBytes)
        , m_job(job)
    {
    }
    // False: enough.
    bool take(const char* data, std::size_t size, std::uint64_t read)
    {
        m_job.checkpoint(static_cast<double>(read)
                             / static_cast<double>(std::max<std::uint64_t>(m_packed, 1)),
                         kStage);
        const std::uint64_t room = m_limit - m_to.size();
        m_to.write(data, static_cast<std::size_t>(std::min<std::uint64_t>(room, size)));
        if (m_to.size() > kFreeBytes && m_to.size() / kMostTimes > m_packed) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("unpacks to more than {}, {} times its size, which no "
                                            "text does; it is not data",
                                            bytesText(m_to.size()), kMostTimes)});
        }
        return m_to.size() < m_limit;
    }

private:
    static constexpr const char* kStage = PISSARRO_SAID("pissarro::core", "unpacking");

    Nameless& m_to;
    std::uint64_t m_packed;
    std::uint64_t m_limit;
    const JobContext& m_job;
};

[[noreturn]] void refuseTorn(const char* by)
{
    throw Error(
        ErrorKind::Format,
        Clause {fmt::format("is compressed by {} and torn: it ends too early, or holds what is "
                            "none; get the file again",
                            by)});
}

struct Inflater {
    z_stream stream {};
    Inflater()
    {
        constexpr int kGzipOnly = 16 + MAX_WBITS;
        if (::inflateInit2(&stream, kGzipOnly) != Z_OK) {
            throw Error(ErrorKind::OutOfMemory, "zlib has no memory to unpack");
        }
    }
    ~Inflater() { ::inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

bool isPadding(Bytes rest)
{
    return std::all_of(rest.begin(), rest.end(),
                       [](std::byte one) { return one == std::byte {0}; });
}

bool unpackGzip(Bytes packed, Sink& sink)
{
    Inflater inflater;
    z_stream& z = inflater.stream;
    std::vector<char> out(kPieceBytes);
    std::size_t at = 0;
    bool atEnd = false; // behind a whole member
    while (!atEnd || at < packed.size()) {
        if (atEnd) { // another member, or the zeros that tapes end with
            if (isPadding(packed.subspan(at))) {
                break;
            }
            ::inflateReset(&z);
            atEnd = false;
        }
        const std::size_t piece = std::min(kPieceBytes, packed.size() - at);
        z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data() + at));
        z.avail_in = static_cast<uInt>(piece);
        z.next_out = reinterpret_cast<Bytef*>(out.data());
        z.avail_out = static_cast<uInt>(out.size());
        const int result = ::inflate(&z, Z_NO_FLUSH);
        const std::size_t taken = piece - z.avail_in;
        const std::size_t made = out.size() - z.avail_out;
        at += taken;
        const bool stuck = taken == 0 && made == 0;
        if ((result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            || (stuck && result != Z_STREAM_END)) {
            refuseTorn("gzip");
        }
        if (!sink.take(out.data(), made, at)) {
            return false;
        }
        atEnd = result == Z_STREAM_END;
    }
    return true;
}

struct ZstdContext {
    ZSTD_DStream* stream = ::ZSTD_createDStream();
    ZstdContext()
    {
        if (stream == nullptr) {
            throw Error(ErrorKind::OutOfMemory, "zstd has no memory to unpack");
        }
        ::ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, kLargestWindowLog);
    }
    ~ZstdContext() { ::ZSTD_freeDStream(stream); }
    ZstdContext(const ZstdContext&) = delete;
    ZstdContext& operator=(const ZstdContext&) = delete;
};

bool unpackZstd(Bytes packed, Sink& sink)
{
    ZstdContext context;
    std::vector<char> out(kPieceBytes);
    ZSTD_inBuffer in {packed.data(), packed.size(), 0};
    std::size_t wants = 1; // 0: a frame is whole
    while (in.pos < in.size || wants != 0) {
        ZSTD_outBuffer to {out.data(), out.size(), 0};
        const std::size_t before = in.pos;
        in.size = std::min(packed.size(), in.pos + kPieceBytes); // so that a stop is heard of
        wants = ::ZSTD_decompressStream(context.stream, &to, &in);
        if (::ZSTD_isError(wants) != 0) {
            refuseTorn("zstd");
        }
        if (!sink.take(out.data(), to.pos, in.pos)) {
            return false;
        }
        if (in.pos == before && to.pos == 0 && wants != 0) {
            refuseTorn("zstd");
        }
        in.size = packed.size();
    }
    return true;
}

} // namespace

Packing packingOf(std::string_view firstBytes)
{
    using namespace std::string_view_literals;
    return firstBytes.starts_with("\x1F\x8B"sv)        ? Packing::Gzip
        : firstBytes.starts_with("\x28\xB5\x2F\xFD"sv) ? Packing::Zstd
                                                       : Packing::None;
}

UnpackedFile openUnpacked(const std::filesystem::path& path, const JobContext& job,
                          std::uint64_t limitBytes)
{
    auto mapped = MappedFile::open(path);
    const Bytes packed = mapped->bytes();
    const Packing packing = packingOf(
        {reinterpret_cast<const char*>(packed.data()), std::min<std::size_t>(packed.size(), 4)});
    if (packing == Packing::None) {
        return {std::move(mapped), packing, true};
    }
    try {
        Nameless to;
        Sink sink(to, packed.size(), limitBytes, job);
        const bool whole =
            packing == Packing::Gzip ? unpackGzip(packed, sink) : unpackZstd(packed, sink);
        requireIntact(packed.data());
        return {to.map(), packing, whole};
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace pissarro::core::inline file
