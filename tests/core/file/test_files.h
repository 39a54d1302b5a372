// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Files as tests need them, right ones and lying ones, written byte by byte without the code under
// test.

#include "core/base/error.h"

#include <QString>
#include <QTemporaryDir>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::test {

namespace fs = std::filesystem;

// A folder that is gone after the test.
class Scratch {
public:
    fs::path path() const { return m_folder.path().toStdString(); }
    fs::path operator/(const std::string& name) const { return path() / name; }

private:
    QTemporaryDir m_folder;
};

inline void writeBytes(const fs::path& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string readBytes(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <typename T>
void put(std::string& out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof bytes);
}

// The error that `body` throws, nullopt when it throws none.
inline std::optional<core::Error> errorOf(const std::function<void()>& body)
{
    try {
        body();
    } catch (const core::Error& e) {
        return e;
    }
    return std::nullopt;
}

// Why `error` is no good refusal of `file`: it must be one line under 400 characters that begins
// with the path and says `what`. Empty: it is good.
inline QString complaint(const std::optional<core::Error>& error, const fs::path& file,
                         const std::string& what)
{
    if (!error) {
        return QStringLiteral("nothing was thrown");
    }
    const std::string text = error->what();
    const bool good = error->kind() == core::ErrorKind::Format && text.size() + 7 < 400
        && text.find('\n') == std::string::npos
        && text.find(file.filename().string()) != std::string::npos
        && text.find(what) != std::string::npos;
    return good ? QString()
                : QString::fromStdString("kind " + std::to_string(static_cast<int>(error->kind()))
                                         + ": " + text);
}

// A safetensors file: header length, header, data.
inline std::string safetensorsBytes(const std::string& header, const std::string& data,
                                    std::optional<std::uint64_t> length = {})
{
    std::string out;
    put<std::uint64_t>(out, length.value_or(header.size()));
    return out + header + data;
}

// Writes GGUF files of version 3: values, then tensors in the order they were added.
class GgufBuilder {
public:
    static constexpr std::uint32_t kU32 = 4, kI32 = 5, kF32 = 6, kBool = 7, kText = 8, kList = 9,
                                   kU64 = 10;

    static std::string text(const std::string& value)
    {
        std::string out;
        put<std::uint64_t>(out, value.size());
        return out + value;
    }

    // A value of any type whose bytes the caller gives.
    GgufBuilder& raw(const std::string& key, std::uint32_t type, const std::string& bytes)
    {
        m_values += text(key);
        put(m_values, type);
        m_values += bytes;
        ++m_valueCount;
        return *this;
    }

    template <typename T>
    GgufBuilder& value(const std::string& key, std::uint32_t type, T number)
    {
        std::string bytes;
        put(bytes, number);
        return raw(key, type, bytes);
    }

    GgufBuilder& u32(const std::string& key, std::uint32_t number)
    {
        return value(key, kU32, number);
    }
    GgufBuilder& f32(const std::string& key, float number) { return value(key, kF32, number); }
    GgufBuilder& string(const std::string& key, const std::string& content)
    {
        return raw(key, kText, text(content));
    }

    // shape slowest axis first, as everywhere but in the file; type is ggml's number.
    GgufBuilder& tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                        std::uint32_t type, const std::string& data)
    {
        return tensorAt(name, shape, type, m_data.size(), data);
    }

    GgufBuilder& tensorAt(const std::string& name, const std::vector<std::int64_t>& shape,
                          std::uint32_t type, std::uint64_t offset, const std::string& data)
    {
        m_table += text(name);
        put(m_table, static_cast<std::uint32_t>(shape.size()));
        for (auto side = shape.rbegin(); side != shape.rend(); ++side) {
            put(m_table, static_cast<std::uint64_t>(*side));
        }
        put(m_table, type);
        put(m_table, offset);
        m_data += data;
        m_data.append((32 - m_data.size() % 32) % 32, '\0');
        ++m_tensorCount;
        return *this;
    }

    std::string bytes(std::optional<std::uint64_t> tensorCount = {},
                      std::optional<std::uint64_t> valueCount = {}, std::uint32_t version = 3) const
    {
        std::string out = "GGUF";
        put(out, version);
        put(out, tensorCount.value_or(m_tensorCount));
        put(out, valueCount.value_or(m_valueCount));
        out += m_values + m_table;
        out.append((32 - out.size() % 32) % 32, '\0');
        return out + m_data;
    }

private:
    std::string m_values, m_table, m_data;
    std::uint64_t m_valueCount = 0, m_tensorCount = 0;
};

} // namespace pissarro::test
