// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

enum class Activation { Silu, GeluTanh, GeluErf, Relu, Tanh };

// What stands behind the layers.
enum class HeadKind {
    Next, // of each token logits of the one that follows
    Masked, // of each token logits of itself, which was hidden
    Sequence, // of a text as a whole, read off its first token: logits of classes, or one number
    None // nothing
};

struct HeadShape {
    HeadKind kind = HeadKind::Next;
    Activation activation =
        Activation::Tanh; // behind a matrix before the logits, where there is one
    Activation pooling = Activation::Tanh; // the same of a Sequence head, where it can be chosen
    std::int64_t labels = 0; // of a Sequence head; 1: a number
    std::vector<std::string> labelNames; // [labels], or empty

    bool operator==(const HeadShape&) const = default;
};

// Scores of attention that also depend on how far two tokens lie apart, by vectors that distances have (DeBERTa).
struct RelativePositions {
    std::int64_t span = 0; // the table has twice as many rows; 0: there is none
    // Above 0: distances of more than half of it share a row with others, ever more the larger they are; `furthest` is the
    // last that is told apart.
    std::int64_t buckets = 0;
    std::int64_t furthest = 0;
    bool contentToPosition = false;
    bool positionToContent = false;
    bool shared = false; // the matrices of queries and keys make theirs; else matrices of their own
    bool normed = false;

    bool operator==(const RelativePositions&) const = default;
};

// Of each token and its neighbours, beside the first layer.
struct Convolution {
    std::int64_t tokens = 0; // that it sees; 0: there is none
    std::int64_t groups = 1;
    Activation activation = Activation::Tanh;

    bool operator==(const Convolution&) const = default;
};

} // namespace pissarro::core::inline model::inline plan
