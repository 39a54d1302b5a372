// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/devices.h"

#include "core/base/allowed_cores.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tensor/runtime.h"
#include "core/text/number_text.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <array>
#include <dlfcn.h>
#include <filesystem>
#include <mutex>

namespace pissarro::core::inline tensor {

namespace {

// Set once a result of tests/gpu on a real card is in the tree.
constexpr bool kTestedOnCuda = false;

bool hasDriver()
{
    std::error_code ignored;
    return std::filesystem::exists("/dev/nvidiactl", ignored)
        || std::filesystem::exists("/dev/dxg", ignored);
}

// Loads libtorch_cuda.so, once. Why that failed, empty: it did not.
const std::string& cudaProblem()
{
    static std::once_flag once;
    static std::string problem;
    std::call_once(once, [] {
        if (!hasDriver()) { // what a machine without a card wants is the CPU
            problem = "this machine has no NVIDIA driver (/dev/nvidiactl)";
            return;
        }
        Dl_info info {};
        if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &info) == 0) {
            problem = "the folder of libtorch_cpu.so is not known";
            return;
        }
        const auto library =
            std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
        if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
            const char* why = dlerror();
            problem = why != nullptr ? why : library.string() + " cannot be loaded";
        } else if (!at::hasCUDA() || at::detail::getCUDAHooks().deviceCount() == 0) {
            problem = "the NVIDIA driver names no card (does nvidia-smi, or CUDA_VISIBLE_DEVICES?)";
        }
    });
    return problem;
}

int cudaDevices()
{
    return cudaProblem().empty() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
}

// The N of "cuda:N", 0 for "cuda"; -1: neither.
int cardOf(const std::string& text)
{
    constexpr std::string_view kPrefix = "cuda:";
    if (text == "cuda") {
        return 0;
    }
    return text.starts_with(kPrefix)
        ? numberIn<int>(std::string_view(text).substr(kPrefix.size())).value_or(-1)
        : -1;
}

// "NVIDIA H100 · 79 GiB", by the driver's own library, whose functions keep their form from version to version.
std::string titleOfCard(int card)
{
    std::string title = fmt::format("GPU {}", card);
    void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (driver == nullptr) {
        return title;
    }
    const auto function = [&](const char* name) { return dlsym(driver, name); };
    const auto init = reinterpret_cast<int (*)(unsigned)>(function("cuInit"));
    const auto get = reinterpret_cast<int (*)(int*, int)>(function("cuDeviceGet"));
    const auto nameOf = reinterpret_cast<int (*)(char*, int, int)>(function("cuDeviceGetName"));
    const auto bytesOf =
        reinterpret_cast<int (*)(std::size_t*, int)>(function("cuDeviceTotalMem_v2"));
    int device = 0;
    std::array<char, 128> name {};
    std::size_t bytes = 0;
    if (init != nullptr && get != nullptr && nameOf != nullptr && bytesOf != nullptr && init(0) == 0
        && get(&device, card) == 0
        && nameOf(name.data(), static_cast<int>(name.size()) - 1, device) == 0
        && bytesOf(&bytes, device) == 0) {
        title =
            fmt::format("{} · {} GiB", name.data(),
                        fixedText(static_cast<double>(bytes) / static_cast<double>(1ULL << 30), 0));
    }
    dlclose(driver);
    return title;
}

c10::DeviceAllocator* allocatorOf(c10::Device device)
{
    return device.is_cuda() ? dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()))
                            : nullptr;
}

} // namespace

c10::Device parseDevice(const std::string& text)
{
    if (text == "cpu" || (text == "auto" && (!kTestedOnCuda || cudaDevices() == 0))) {
        return {c10::kCPU};
    }
    const int card = text == "auto" ? 0 : cardOf(text);
    const int cards = card >= 0 ? cudaDevices() : 0;
    if (card >= 0 && card < cards) {
        return {c10::kCUDA, static_cast<c10::DeviceIndex>(card)};
    }
    const std::string why = card >= 0 && cards == 0 ? ": " + cudaProblem() : std::string();
    throw Error(
        ErrorKind::InvalidArgument,
        fmt::format("device \"{}\" is not there{} (expected auto, cpu{}); choose another "
                    "with --device",
                    text, why,
                    cards > 0 ? fmt::format(" or cuda:0 to cuda:{}", cards - 1) : std::string()));
}

std::string resolvedDevice(const std::string& text)
{
    const c10::Device device = parseDevice(text);
    return device.is_cpu() ? "cpu" : fmt::format("cuda:{}", static_cast<int>(device.index()));
}

std::string autoDeviceNote(const std::string& text)
{
    return text == "auto" && !kTestedOnCuda && hasDriver()
        ? "device auto is the CPU: this version has not been tested on a graphics card; "
          "--device cuda takes it all the same"
        : std::string();
}

DeviceInfo cpuDevice()
{
    const int threads = allowedCores();
    return {"cpu", "CPU · " + threadsText(threads), threads};
}

std::vector<DeviceInfo> availableDevices()
{
    std::vector<DeviceInfo> devices {cpuDevice()};
    for (int i = 0; i < cudaDevices(); ++i) {
        devices.push_back({fmt::format("cuda:{}", i), titleOfCard(i)});
    }
    return devices;
}

std::int64_t peakDeviceBytes(c10::Device device)
{
    c10::DeviceAllocator* const allocator = allocatorOf(device);
    if (allocator == nullptr) {
        return 0;
    }
    const auto stats = allocator->getDeviceStats(device.index());
    return stats
        .allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)]
        .peak;
}

void resetPeakDeviceBytes(c10::Device device)
{
    if (c10::DeviceAllocator* const allocator = allocatorOf(device)) {
        allocator->resetPeakStats(device.index());
    }
}

} // namespace pissarro::core::inline tensor
