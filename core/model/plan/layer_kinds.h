// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

enum class NormKind { RootMeanSquare, Layer }; // Layer: the mean is taken off too

// How queries and keys are normed before they turn.
enum class QueryKeyNorm {
    None,
    Head, // head by head, one weight for all
    EachHead, // head by head, each with a row of the weight
    EachHeadApart, // the same, in the files a tensor for each head
    Whole // all heads of a token as one vector
};

// How a matrix that makes queries, keys and values at once orders its rows.
enum class FusedOrder {
    Parts, // all queries, all keys, all values
    Groups // for each head of keys its queries, itself and its values
};

// How a layer of experts gives each token a few of them (transformers: the TopkRouter of each family).
enum class RouterScore { Softmax, Sigmoid };

struct Mixture {
    std::int64_t experts = 0; // of a layer; 0: no layer has any
    std::int64_t chosen = 0; // of them, for each token
    std::int64_t ffn = 0; // intermediate width of an expert
    std::int64_t sharedFfn = 0; // of the part that every token takes beside them; 0: none
    bool sharedGate = false; // that part counts by the sigmoid of a product of its own
    RouterScore score = RouterScore::Softmax; // of the router's logits
    bool wideLogits = false; // these in float32, whatever the model computes in
    bool correction = false; // a number for each expert is added to its score in the choice alone
    std::int64_t groups = 1; // experts lie side by side in so many,
    std::int64_t chosenGroups = 1; // and are chosen from the best of them:
    std::int64_t groupBest = 1; // those in which this many experts have the largest sum
    bool normalized = false; // scores of those chosen are divided by their sum,
    double scale = 1.0; // and multiplied
    double balance = 0.0; // the load-balancing loss counts so much; 0: not at all
    std::vector<bool> layers; // [layers]: which have experts; empty: all

    bool operator==(const Mixture&) const = default;
};

// Latent attention (DeepSeek-V2, arXiv:2405.04434): keys and values of all heads are made of one narrow vector of the token,
// and beside it one key that turns serves all heads. headDim is then the width of what turns.
struct Latent {
    std::int64_t rank = 0; // of that vector; 0: attention is of the usual kind
    std::int64_t queryRank = 0; // queries too come out of a narrow vector; 0: they do not
    std::int64_t plainDim = 0; // numbers of a query and a key that do not turn
    std::int64_t valueDim = 0; // of a head

    bool operator==(const Latent&) const = default;
};

// What the modules of these are called below a layer.
struct LatentNames {
    std::string queryDown = "self_attn.q_a_proj";
    std::string queryDownNorm = "self_attn.q_a_layernorm";
    std::string queryUp = "self_attn.q_b_proj"; // in place of the query's matrix
    std::string down = "self_attn.kv_a_proj_with_mqa";
    std::string norm = "self_attn.kv_a_layernorm";
    std::string up = "self_attn.kv_b_proj";

    bool operator==(const LatentNames&) const = default;
};

// "<experts>.<number>.<gate>", "<shared>.gate_proj".
struct MixtureNames {
    std::string router = "mlp.gate";
    std::string correction = "e_score_correction_bias"; // of the router
    std::string experts = "mlp.experts";
    std::string gate = "gate_proj";
    std::string up = "up_proj";
    std::string down = "down_proj";
    std::string shared = "mlp.shared_experts";
    std::string sharedGate = "mlp.shared_expert_gate";

    bool operator==(const MixtureNames&) const = default;
};

} // namespace pissarro::core::inline model::inline plan
