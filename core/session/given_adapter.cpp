// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/model/provenance.h"
#include "core/session/given_adapter_tensors.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace pissarro::core::inline session {

namespace {

const Adapter* find(const AdapterSet& adapters, const std::string& module)
{
    const auto found = std::find_if(adapters.begin(), adapters.end(),
                                    [&](const Adapter& one) { return one.module == module; });
    return found == adapters.end() ? nullptr : &*found;
}

at::Tensor product(const Adapter& adapter)
{
    return at::mm(adapter.b_OR.to(at::kDouble), adapter.a_RI.to(at::kDouble)).mul_(adapter.scale);
}

// The largest |W - R - s B_0 A_0| over what rounding can do, of one module.
double misfitOf(const at::Tensor& w_OI, const at::Tensor& r_OI, const Adapter& taken, DType stored)
{
    constexpr double kFloat = 0x1p-24;
    const Coarseness& coarse = stored.info().coarseness;
    const at::Tensor off = (w_OI - r_OI - product(taken)).abs_();
    const at::Tensor size =
        at::mm(taken.b_OR.to(at::kDouble).abs(), taken.a_RI.to(at::kDouble).abs())
            .mul_(std::abs(taken.scale));
    const at::Tensor bound = size.mul_(kFloat * static_cast<double>(taken.rank() + 4))
                                 .add_(r_OI.abs(), coarse.relative + kFloat)
                                 .add_(w_OI.abs(), kFloat)
                                 .add_(coarse.absolute);
    return off.div_(bound).max().item<double>();
}

std::shared_ptr<const ModelFiles> openSource(const ModelFiles& base)
{
    const auto source = sourceModelOf(base.path());
    if (!source) {
        return nullptr;
    }
    try {
        auto files = ModelFiles::open(*source);
        const bool same = std::all_of(
            base.linearModules().begin(), base.linearModules().end(), [&](const LinearModule& one) {
                const TensorView* view = files->find(one.name + ".weight");
                return view != nullptr && view->shape == std::vector {one.rows, one.cols};
            });
        return same ? files : nullptr;
    } catch (const Error&) {
        return nullptr; // moved away since: the overlap judges
    }
}

// A mean over modules that leaves out those where it has no value.
class Mean {
public:
    void add(double numerator, double denominator)
    {
        if (denominator > 0.0) {
            m_sum += numerator / denominator;
            ++m_count;
        }
    }
    double value() const { return m_count > 0 ? m_sum / m_count : GivenAdapter::kUnknown; }

private:
    double m_sum = 0.0;
    int m_count = 0;
};

double innerProduct(const at::Tensor& a, const at::Tensor& b)
{
    return (a * b).sum().item<double>();
}

bool sameModules(const AdapterSet& a, const AdapterSet& b)
{
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const Adapter& one, const Adapter& other) { return one.module == other.module; });
}

bool equalFactors(const AdapterSet& a, const AdapterSet& b)
{
    return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const Adapter& one) {
               const Adapter* other = find(b, one.module);
               return other != nullptr && at::equal(one.a_RI, other->a_RI)
                   && at::equal(one.b_OR, other->b_OR) && one.scale == other->scale;
           });
}

} // namespace

GivenAdapter examineGiven(const AdapterSet& given, const ModelFiles& base, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    GivenAdapter result;
    const auto source = result.source = openSource(base);
    const auto beside = factorsMadeWith(base.path());
    const AdapterSet made = beside ? readPeftAdapter(*beside, base).adapters : given;
    result.startKnown = beside.has_value();
    result.fresh = beside && equalFactors(given, made);
    Mean overlap;
    Mean kinship;
    double worst = 0.0;
    for (const LinearModule& module : base.linearModules()) {
        job.throwIfCancelled();
        const Adapter* own = find(given, module.name);
        const Adapter* start = find(made, module.name);
        if (own == nullptr && start == nullptr) {
            continue;
        }
        const at::Tensor r_OI = loadWeight(base, module.name + ".weight", at::kDouble, job);
        if (own != nullptr) {
            const at::Tensor delta = product(*own);
            overlap.add(innerProduct(r_OI, delta), innerProduct(delta, delta));
        }
        const at::Tensor w_OI = source && !base.isFourBit()
            ? loadWeight(*source, module.name + ".weight", at::kDouble, job)
            : at::Tensor();
        if (start != nullptr && w_OI.defined()) {
            worst = std::max(worst, misfitOf(w_OI, r_OI, *start, module.dtype));
        }
        if (beside || w_OI.defined()) {
            const at::Tensor begun = !beside ? w_OI - r_OI
                : start != nullptr           ? product(*start)
                                             : at::zeros_like(r_OI);
            kinship.add(own == nullptr ? 0.0 : innerProduct(product(*own), begun),
                        innerProduct(begun, begun));
        }
    }
    result.overlap = overlap.value();
    result.kinship = kinship.value();
    if (source && !base.isFourBit()) {
        // Trained factors say nothing about the base when those that it was made with are not there.
        result.misfit = beside || worst <= 1.0 ? worst : GivenAdapter::kUnknown;
        result.taken = worst <= 1.0 && sameModules(given, made) ? made : AdapterSet();
        result.fresh = result.fresh || (!beside && worst <= 1.0);
    }
    return result;
}

} // namespace pissarro::core::inline session
