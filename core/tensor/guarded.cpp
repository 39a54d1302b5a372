// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/guarded.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/log.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <cxxabi.h>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <typeinfo>

namespace pissarro::core::inline tensor {

namespace {

constexpr const char* kTooLittleMemory = "the machine has too little memory; choose a smaller "
                                         "model, batch or length, or end other programs";

// The first line of a LibTorch message; the stack behind it is for nobody here.
std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

// The type of an exception for people who report it: "std::out_of_range".
std::string nameOf(const std::exception& e)
{
    int failed = 0;
    char* const name = abi::__cxa_demangle(typeid(e).name(), nullptr, nullptr, &failed);
    const std::string text = failed == 0 ? name : typeid(e).name();
    std::free(name);
    return text;
}

} // namespace

void guarded(const std::function<void()>& body)
{
    try {
        body();
    } catch (const Error&) {
        throw;
    } catch (const Cancelled&) {
        throw;
    } catch (const c10::OutOfMemoryError& e) {
        throw Error(ErrorKind::OutOfMemory,
                    fmt::format("the device has too little memory: {}; choose a smaller batch or "
                                "length",
                                firstLine(e.what_without_backtrace())));
    } catch (const c10::Error& e) {
        const std::string text = firstLine(e.what_without_backtrace());
        if (text.find("DefaultCPUAllocator") != std::string::npos
            || text.find("not enough memory") != std::string::npos) {
            throw Error(ErrorKind::OutOfMemory, kTooLittleMemory);
        }
        throw Error(ErrorKind::Internal, "LibTorch: " + text);
    } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::OutOfMemory, kTooLittleMemory);
    } catch (const std::filesystem::filesystem_error& e) {
        throw Error(ErrorKind::Io, fmt::format("{}: {}", e.path1().string(), e.code().message()));
    } catch (const nlohmann::json::exception& e) {
        throw Error(ErrorKind::Format, std::string("JSON: ") + e.what());
    } catch (const std::system_error& e) { // a thread that cannot be started, for one
        throw Error(ErrorKind::Io, "the system refused: " + firstLine(e.what()));
    } catch (const std::exception& e) {
        throw Error(ErrorKind::Internal,
                    fmt::format("a fault of this program ({}: {}); please report it with what you "
                                "did",
                                nameOf(e), firstLine(e.what())));
    } catch (...) {
        throw Error(
            ErrorKind::Internal,
            "a fault of this program, of an unknown kind; please report it with what you did");
    }
}

void guarded(const std::string& job, const std::function<void()>& body)
{
    logged(job, [&] { guarded(body); });
}

} // namespace pissarro::core::inline tensor
