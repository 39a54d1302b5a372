// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW with both moments in 8 bits (Dettmers et al., arXiv:2110.02861), as bitsandbytes' AdamW8bit: blocks of 256 that
// share their largest magnitude, the signed dynamic map for the first moment, the unsigned one for the second; tensors
// under 4,096 elements keep float32. A step computes in the master's type with the moments before they are rounded again.
//
// The code taken is the nearest. bitsandbytes' CUDA kernels and its general backend do that; its x86 kernel asks a table of
// 65,536 entries, whose step of 3e-5 turns a moment of zero into 1.5e-5 of the block's largest: a weight without a gradient,
// such as the row of a token that does not occur, would drift.
#include "core/format/four_bit.h"
#include "core/optim/optimizer_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pissarro::core::inline optim {

namespace {

constexpr std::int64_t kBlock = 256; // values that share an absmax
constexpr std::int64_t kSmall = 4096; // elements; fewer are not worth rounding
constexpr std::int64_t kSlice =
    1024 * kBlock; // elements computed at a time: what is wide is never held whole
constexpr double kSmallest = 1e-38; // keeps the quotient of a block of zeros finite

struct Code {
    explicit Code(const std::array<float, 256>& map, at::Device device)
        : values_C(at::tensor(at::ArrayRef<float>(map)).to(device))
        , bounds_C((values_C.slice(0, 0, -1) + values_C.slice(0, 1)) / 2)
    {
    }
    at::Tensor values_C; // ascending
    at::Tensor bounds_C; // halfway between neighbours
};

// Of one trainable.
struct Moment {
    at::Tensor values; // codes, or numbers of the master's type where there is no absmax
    at::Tensor absmax_K; // of each block

    bool isCoded() const { return absmax_K.defined(); }
};

Moment zeroMoment(const Trainable& trainable)
{
    const auto options = trainable.value.options();
    const std::int64_t size = trainable.value.numel();
    if (size < kSmall) {
        return {at::zeros(trainable.value.sizes(), options.dtype(trainable.masterType())), {}};
    }
    return {at::zeros(trainable.value.sizes(), options.dtype(at::kByte)),
            at::zeros({(size + kBlock - 1) / kBlock}, options.dtype(at::kFloat))};
}

// Elements [begin, begin + size) of a tensor's flat form, and the blocks that they are. Requires: begin is a block's first.
struct Slice {
    std::int64_t begin;
    std::int64_t size;

    at::Tensor of(const at::Tensor& tensor) const
    {
        return tensor.view({-1}).narrow(0, begin, size);
    }
    std::int64_t blocks() const { return (size + kBlock - 1) / kBlock; }
    at::Tensor ofBlocks(const at::Tensor& absmax_K) const
    {
        return absmax_K.narrow(0, begin / kBlock, blocks());
    }
};

// The numbers that a moment stands for, to be changed in place.
at::Tensor decoded(const Moment& moment, const Code& code, const Slice& slice, at::ScalarType type)
{
    const at::Tensor own_N = slice.of(moment.values);
    if (!moment.isCoded()) {
        return own_N;
    }
    const at::Tensor absmax_N =
        slice.ofBlocks(moment.absmax_K).repeat_interleave(kBlock).narrow(0, 0, slice.size);
    return code.values_C.index_select(0, own_N.to(at::kInt)).mul_(absmax_N).to(type);
}

void encode(const at::Tensor& wide_N, const Code& code, const Slice& slice, const Moment& moment)
{
    if (!moment.isCoded()) {
        return; // changed in place
    }
    const std::int64_t missing = slice.blocks() * kBlock - slice.size;
    const at::Tensor wide_KB =
        at::constant_pad_nd(wide_N.to(at::kFloat), {0, missing}).view({-1, kBlock});
    const at::Tensor absmax_K = wide_KB.abs().amax(1);
    const at::Tensor scaled_KB =
        (wide_KB * absmax_K.clamp_min(kSmallest).reciprocal().unsqueeze(1)).clamp_(-1.0, 1.0);
    const at::Tensor codes_KB = at::bucketize(scaled_KB, code.bounds_C, /*out_int32=*/true);
    slice.ofBlocks(moment.absmax_K).copy_(absmax_K);
    slice.of(moment.values).copy_(codes_KB.view({-1}).narrow(0, 0, slice.size));
}

// The master of a slice: itself, or put together from its two pieces (see Trainable).
at::Tensor masterOf(const Trainable& trainable, const Slice& slice)
{
    const at::Tensor value_N = slice.of(trainable.value);
    if (!trainable.low.defined()) {
        return value_N;
    }
    const at::Tensor high_N = value_N.view(at::kShort).to(at::kInt).bitwise_left_shift_(16);
    return high_N.add_(slice.of(trainable.low)).view(at::kFloat);
}

void storeMaster(const at::Tensor& master_N, const Trainable& trainable, const Slice& slice)
{
    if (!trainable.low.defined()) {
        return; // changed in place
    }
    const at::Tensor high_N = master_N.to(at::kBFloat16);
    const at::Tensor bits_N = high_N.view(at::kShort).to(at::kInt).bitwise_left_shift_(16);
    // Half a unit from above is the one that 16 bits do not hold.
    slice.of(trainable.low).copy_((master_N.view(at::kInt) - bits_N).clamp_max_(0x7fff));
    slice.of(trainable.value).copy_(high_N);
}

class AdamW8 : public Optimizer {
public:
    AdamW8(const TrainableSet& set, const OptimizerSettings& settings)
        : Optimizer(set)
        , m_settings(settings)
        , m_signed(dynamicMap(), deviceOf(set))
        , m_unsigned(unsignedDynamicMap(), deviceOf(set))
    {
        for (const Trainable* trainable : set) {
            m_first.push_back(zeroMoment(*trainable));
            m_second.push_back(zeroMoment(*trainable));
        }
    }

    NamedTensors stateOf(std::size_t i) const override
    {
        NamedTensors state {{"exp_avg", m_first[i].values}, {"exp_avg_sq", m_second[i].values}};
        if (m_first[i].isCoded()) {
            state.emplace_back("exp_avg.absmax", m_first[i].absmax_K);
            state.emplace_back("exp_avg_sq.absmax", m_second[i].absmax_K);
        }
        return state;
    }

private:
    static at::Device deviceOf(const TrainableSet& set)
    {
        return set.size() == 0 ? at::Device(at::kCPU) : set[0].value.device();
    }

    void update(double learningRate) override
    {
        for (std::size_t i = 0; i < trained().size(); ++i) {
            const std::int64_t size = trained()[i].value.numel();
            for (std::int64_t begin = 0; begin < size; begin += kSlice) {
                updateSlice(i, {begin, std::min(kSlice, size - begin)}, learningRate);
            }
        }
    }

    void updateSlice(std::size_t i, const Slice& slice, double learningRate)
    {
        Trainable& trainable = trained()[i];
        const auto& [weightDecay, beta1, beta2, epsilon] = m_settings;
        const double correction1 = 1.0 - std::pow(beta1, steps());
        const double correction2 = 1.0 - std::pow(beta2, steps());
        const at::ScalarType type = trainable.masterType();
        const at::Tensor g_N = slice.of(trainable.sum().contiguous());
        const at::Tensor first_N = decoded(m_first[i], m_signed, slice, type);
        const at::Tensor second_N = decoded(m_second[i], m_unsigned, slice, type);
        first_N.mul_(beta1).add_(g_N, 1.0 - beta1);
        second_N.mul_(beta2).addcmul_(g_N, g_N, 1.0 - beta2);
        const at::Tensor root_N = second_N.sqrt().div_(std::sqrt(correction2)).add_(epsilon);
        const at::Tensor master_N = masterOf(trainable, slice);
        master_N.mul_(1.0 - learningRate * weightDecay);
        master_N.addcdiv_(first_N, root_N, -learningRate / correction1);
        storeMaster(master_N, trainable, slice);
        encode(first_N, m_signed, slice, m_first[i]);
        encode(second_N, m_unsigned, slice, m_second[i]);
    }

    OptimizerSettings m_settings;
    Code m_signed;
    Code m_unsigned;
    std::vector<Moment> m_first;
    std::vector<Moment> m_second;
};

std::unique_ptr<Optimizer> makeAdamW8(const TrainableSet& trained,
                                      const OptimizerSettings& settings)
{
    return std::make_unique<AdamW8>(trained, settings);
}

std::int64_t codedMoments(std::int64_t elements)
{
    return elements < kSmall ? 8 * elements : 2 * elements + 8 * ((elements + kBlock - 1) / kBlock);
}

} // namespace

extern const OptimizerKind kAdamW8 {
    .name = "adamw8",
    .title = "AdamW 8-bit",
    .stateBytes = codedMoments,
    .make = makeAdamW8,
};

} // namespace pissarro::core::inline optim
