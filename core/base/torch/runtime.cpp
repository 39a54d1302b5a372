// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/torch/runtime.h"

#include "core/base/error.h"
#include "core/base/torch/parallel_tasks.h"
#include "core/jobs/job_context.h"
#include "core/train/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/util/ParallelGuard.h>

#include <atomic>
#include <dlfcn.h>
#include <filesystem>
#include <malloc.h>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <omp.h>
#include <thread>

#if !defined(_OPENMP) && !defined(__SANITIZE_THREAD__)
#error "compile with -fopenmp: LibTorch's at::parallel_for would run on one thread"
#endif

// In libtorch_cpu where that is built with MKL, which declares it in no header of the wheel.
extern "C" int MKL_Set_Num_Threads_Local(int threads) __attribute__((weak));

namespace pissarro::core {

namespace {

// The first line of a LibTorch message; the stack behind it is for nobody here.
std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

void loadCudaOnce()
{
    static std::once_flag once;
    std::call_once(once, [] {
        Dl_info info {};
        if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &info) == 0) {
            return;
        }
        const auto library =
            std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
        // Absent libraries or drivers leave the CPU, which is what a machine without a card wants.
        if (std::filesystem::exists("/dev/nvidiactl") || std::filesystem::exists("/dev/dxg")) {
            dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
        }
    });
}

// What LibTorch and MKL would start teams by, both of this thread alone: other threads go on as they were.
class SingleThread {
public:
    SingleThread()
        : m_guard(true)
        , m_ompBefore(omp_get_max_threads())
    {
        omp_set_num_threads(1);
        if (MKL_Set_Num_Threads_Local != nullptr) {
            m_mklBefore = MKL_Set_Num_Threads_Local(1);
        }
    }
    ~SingleThread()
    {
        omp_set_num_threads(m_ompBefore);
        if (MKL_Set_Num_Threads_Local != nullptr) {
            MKL_Set_Num_Threads_Local(m_mklBefore);
        }
    }
    SingleThread(const SingleThread&) = delete;
    SingleThread& operator=(const SingleThread&) = delete;

private:
    c10::ParallelGuard m_guard; // for at::parallel_for
    int m_ompBefore;
    int m_mklBefore = 0; // 0: as the process has it
};

int cudaDevices()
{
    loadCudaOnce();
    return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
}

} // namespace

int useThreads(int threads)
{
    if (threads <= 0) {
        threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    }
    if (at::get_num_threads() != threads) {
        at::set_num_threads(threads);
    }
    return threads;
}

void keepFreedMemory()
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // the largest that glibc takes
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

void returnFreedMemory()
{
    malloc_trim(0);
}

c10::Device parseDevice(const std::string& text)
{
    const int cards = text == "cpu" ? 0 : cudaDevices();
    if (text == "cpu" || (text == "auto" && cards == 0)) {
        return {c10::kCPU};
    }
    if (cards > 0 && (text == "auto" || text == "cuda")) {
        return {c10::kCUDA, 0};
    }
    if (text.rfind("cuda:", 0) == 0 && text.size() == 6 && text[5] >= '0'
        && text[5] - '0' < cards) {
        return {c10::kCUDA, static_cast<c10::DeviceIndex>(text[5] - '0')};
    }
    throw Error(
        ErrorKind::InvalidArgument,
        "device \"" + text + "\" is not there (expected auto, cpu"
            + (cards > 0 ? " or cuda:0 to cuda:" + std::to_string(cards - 1) : std::string())
            + "); choose another with --device");
}

std::vector<DeviceInfo> availableDevices()
{
    std::vector<DeviceInfo> devices {
        {"cpu",
         "CPU · " + std::to_string(std::max(1U, std::thread::hardware_concurrency()))
             + " threads"}};
    for (int i = 0; i < cudaDevices(); ++i) {
        devices.push_back({"cuda:" + std::to_string(i), "GPU " + std::to_string(i) + " · CUDA"});
    }
    return devices;
}

void forEachInParallel(std::int64_t count, const std::function<void(std::int64_t)>& body)
{
    std::atomic<bool> failed = false;
    eachTask(count, [&](std::int64_t i, std::int64_t) {
        if (failed) {
            return;
        }
        const c10::InferenceMode inference;
        try {
            body(i);
        } catch (...) {
            failed = true;
            throw;
        }
    });
}

void onOneThread(const std::function<void()>& body)
{
    const c10::InferenceMode inference;
    const SingleThread single;
    body();
}

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
                    "the device has too little memory: " + firstLine(e.what_without_backtrace())
                        + "; choose a smaller batch or length");
    } catch (const c10::Error& e) {
        const std::string text = firstLine(e.what_without_backtrace());
        if (text.find("DefaultCPUAllocator") != std::string::npos
            || text.find("not enough memory") != std::string::npos) {
            throw Error(ErrorKind::OutOfMemory,
                        "the machine has too little memory; choose a smaller batch or length");
        }
        throw Error(ErrorKind::Internal, "LibTorch: " + text);
    } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::OutOfMemory, "the machine has too little memory");
    } catch (const std::filesystem::filesystem_error& e) {
        throw Error(ErrorKind::Io, e.path1().string() + ": " + e.code().message());
    } catch (const nlohmann::json::exception& e) {
        throw Error(ErrorKind::Format, std::string("JSON: ") + e.what());
    }
}

} // namespace pissarro::core
