// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline base {
class JobContext;
} // namespace pissarro::core::inline base

namespace pissarro::core::inline adapter {

// What a method trains on. Memory, disk, sharing between twins and what an export needs follow from it.
enum class MethodBase {
    Untouched, // W, and the adapter begins with no say: the factors are a plain LoRA
    Residual, // W less what the adapter begins as; a plain LoRA needs the start too (convertToLora)
    FourBit, // W in four bits, which the run keeps: the adapter belongs to it
    Trained, // W itself is trained, there is no adapter
};

// Settings that mean something to a method; the others follow from its base.
struct MethodUses {
    bool svd = false; // svd, niter, oversampling
    bool slice = false;
    bool iters = false; // T
};

struct MethodStart; // method_start_tensors.h, as the next
struct StartInput;

// A method, without tensors: each is one file of core/adapter/methods, and methods.cpp lists them.
struct MethodInfo {
    std::string_view name; // "pissa": files, the command line, RUN/<name>_init
    std::string_view title; // "PiSSA": what a person reads
    MethodBase base = MethodBase::Untouched;
    MethodUses uses = {};
    std::string_view twin; // name of the one that is proposed beside it
    // What the adapter begins as, and the four bits under it; null: there is no adapter.
    // Throws: Error{Numeric} for NaN or Inf; Error{InvalidArgument}; Cancelled. Threads: any.
    MethodStart (*start)(const StartInput& input, const JobContext& job) = nullptr;
    // Of Residual: PEFT's init_lora_weights that takes the same start out of the base, in lower case; empty: none.
    std::string_view peftStart = {};
    bool quantizesFirst = false; // of uses.iters: W is put into four bits before it is first fitted
    std::string_view reference = {}; // of uses.iters: the paper that a map of ranks cites
};

const MethodInfo& defaultMethod(); // the first of allMethods()

// Which method: a handle to its MethodInfo, equal where that is the same, and never none.
// A value and no pointer, so that a RunSpec has one from the start and nobody has to ask for null.
class Method {
public:
    Method()
        : m_info(&defaultMethod())
    {
    }
    explicit Method(const MethodInfo& info) // one of the list
        : m_info(&info)
    {
    }
    explicit Method(const MethodInfo&&) = delete;

    const MethodInfo* operator->() const { return m_info; }
    friend bool operator==(Method a, Method b) = default;
    // By name, for maps, whose JSON is in that order; lists have placeOf().
    friend bool operator<(Method a, Method b) { return a->name < b->name; }

private:
    const MethodInfo* m_info;
};

const std::vector<Method>& allMethods();
std::ptrdiff_t placeOf(Method method); // in allMethods(): lists of runs keep that order
Method methodNamed(std::string_view name); // Throws: Error{InvalidArgument} with the names known

inline std::string_view methodName(Method method)
{
    return method->name;
}
inline std::string_view methodTitle(Method method)
{
    return method->title;
}

// Proposed beside it: PiSSA beside LoRA, and the other way round.
inline Method twinOf(Method method)
{
    return methodNamed(method->twin);
}

inline bool hasAdapter(Method method)
{
    return method->base != MethodBase::Trained;
}
inline bool isFourBit(Method method)
{
    return method->base == MethodBase::FourBit;
}
inline bool isResidual(Method method)
{
    return method->base == MethodBase::Residual;
}
inline bool isUntouched(Method method)
{
    return method->base == MethodBase::Untouched;
}
// Begins with an SVD.
inline bool decomposes(Method method)
{
    return method->uses.svd;
}
inline bool takesSlice(Method method)
{
    return method->uses.slice;
}
// Has T.
inline bool iterates(Method method)
{
    return method->uses.iters;
}

std::vector<Method> methodsWhere(bool (*is)(Method)); // in the order of allMethods()
Method firstWhere(bool (*is)(Method)); // Requires: there is one
// "qpissa and loftq", "pissa, qpissa or loftq": for messages and help. `last` empty: commas alone.
std::string namesWhere(bool (*is)(Method), std::string_view last = "and");
std::string titlesOf(const std::vector<Method>& methods); // "LoftQ and QPiSSA"

} // namespace pissarro::core::inline adapter
