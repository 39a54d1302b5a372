// SPDX-License-Identifier: GPL-3.0-or-later
// What is not finite must not vanish: NaN (also with all bits set), infinities and denormals are planted in each operand of
// each kernel of each instruction set that the processor has. Reference: the formula by LibTorch in float64 on the same
// numbers. Rule: where the reference is not finite, ours is not; ours is not finite only in a group (a row, a sequence)
// in which the reference is not finite somewhere; all other numbers agree within the rounding of the storage type.
#pragma once

#include "core/tensor/host_pointer_tensors.h"
#include "tests/tools/golden.h"

#include <cmath>
#include <functional>

namespace pissarro::tests {

using Tensors = std::vector<at::Tensor>;

struct Special {
    const char* name;
    std::uint32_t bits; // of a float32
};
inline constexpr Special kSpecials[] {
    {"nan", 0x7fc00000U},          {"nan of all ones", 0x7fffffffU},
    {"negative nan", 0xffc00001U}, {"inf", 0x7f800000U},
    {"-inf", 0xff800000U},         {"denormal", 0x00010000U}};

inline void plant(at::Tensor& t, std::int64_t at, const Special& special)
{
    if (t.scalar_type() == at::kBFloat16) {
        core::out<std::uint16_t>(t)[at] = static_cast<std::uint16_t>(special.bits >> 16);
    } else {
        core::out<std::uint32_t>(t)[at] = special.bits;
    }
}

inline Tensors wide(const Tensors& ts)
{
    Tensors result;
    for (const at::Tensor& t : ts) {
        result.push_back(t.to(at::kDouble));
    }
    return result;
}

// Empty, or what breaks the rule. A group is `groupSize` numbers of the flat output.
inline QString verdict(const at::Tensor& ours, const at::Tensor& exact, std::int64_t groupSize,
                       double relative)
{
    const at::Tensor o = ours.to(at::kDouble).flatten();
    const at::Tensor e = exact.to(at::kDouble).flatten();
    for (std::int64_t i = 0; i < e.numel(); ++i) {
        const double got = o[i].item<double>();
        const double want = e[i].item<double>();
        const auto text = [&](const char* what) {
            return QStringLiteral("%1 at %2: %3, reference %4")
                .arg(QLatin1String(what))
                .arg(i)
                .arg(got)
                .arg(want);
        };
        if (!std::isfinite(want)) {
            if (std::isfinite(got)) {
                return text("swallowed");
            }
        } else if (!std::isfinite(got)) {
            const at::Tensor group = e.narrow(0, i / groupSize * groupSize, groupSize);
            if (at::isfinite(group).all().item<bool>()) {
                return text("made up");
            }
        } else if (std::abs(got - want) > relative * (std::abs(want) + 0.02)) {
            return text("off");
        }
    }
    return {};
}

struct Kernel {
    const char* name;
    Tensors inputs; // in the storage type
    std::int64_t groupSize;
    std::function<Tensors(const Tensors&)> run; // on copies
    std::function<Tensors(const Tensors&)> exact; // in float64
};

// Plants everything everywhere. Two places of each operand: the first number, and one in the middle.
inline void tryKernel(const Kernel& kernel, double relative)
{
    for (std::size_t operand = 0; operand < kernel.inputs.size(); ++operand) {
        const std::int64_t size = kernel.inputs[operand].numel();
        for (const std::int64_t at : {std::int64_t(0), size / 2 + (size > 4 ? 1 : 0)}) {
            for (const Special& special : kSpecials) {
                Tensors inputs;
                for (const at::Tensor& t : kernel.inputs) {
                    inputs.push_back(t.clone());
                }
                plant(inputs[operand], std::min(at, size - 1), special);
                const Tensors exact = kernel.exact(wide(inputs));
                const Tensors ours = kernel.run(inputs);
                QCOMPARE(ours.size(), exact.size());
                for (std::size_t i = 0; i < ours.size(); ++i) {
                    const QString broken = verdict(ours[i], exact[i], kernel.groupSize, relative);
                    QVERIFY2(
                        broken.isEmpty(),
                        qPrintable(QStringLiteral("%1, %2 in operand %3 at %4, output %5: %6")
                                       .arg(QLatin1String(kernel.name), QLatin1String(special.name))
                                       .arg(operand)
                                       .arg(at)
                                       .arg(i)
                                       .arg(broken)));
                }
            }
        }
    }
}

constexpr std::int64_t kRows = 5;
constexpr std::int64_t kWidth = 40;

} // namespace pissarro::tests
