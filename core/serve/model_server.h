// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/session/session.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline serve {

// A model as clients name it.
struct ServedModel {
    std::string name;
    InferenceModel model;
};

// "NAME=PATH" of an adapter for `base`: PATH is a PEFT folder, or the directory of a run that was trained on it.
// Throws: Error{InvalidArgument} where it says no name.
ServedModel servedAdapter(const std::string& text, const InferenceModel& base);
// What a model is called unless told otherwise: the last part of its path, without ".gguf".
std::string servedName(const std::string& model);

// Opens them as one choir: the base's weights lie in memory once. The first is the one that answers where none is named.
// Throws: as openTogether(); Error{InvalidArgument} naming one that is no adapter of the first, or a name that two have.
session::Choir openServed(const std::vector<ServedModel>& models, const JobContext& job);

struct ServeOptions {
    std::string host = "127.0.0.1";
    int port = 8000; // 0: any that is free
    std::string key; // that every request must have; empty: none
    std::int64_t rows = 16; // answers that are written together
    std::size_t waiting = 64; // answers that wait for their turn; more are refused
    std::size_t bodyBytes = std::size_t {8} << 20U; // of a request
    std::int64_t chatTokens = 4096; // of a chat's answer where the client sets no limit
};

// Models that answer other programs over HTTP as OpenAI's API has it: /v1/models, /v1/chat/completions, /v1/completions,
// whole or as server-sent events. Requests are answered together, token by token; a client that hangs up is forgotten within
// a tenth of a second, but while a whole (not streamed) answer of its waits for its turn. A conversation of which a client
// sends the whole with each question is read from where it was told before (DeskOptions::keep).
//
// On a loopback address it answers those alone that call it by a loopback name, so that no page of the web reaches it under
// a name of its own (DNS rebinding).
// Threads: any.
class ModelServer {
public:
    // Answers once it is made. Requires: names are those of the choir's voices, which have their tokenizers.
    // Throws: Error{Io} where the address cannot be had.
    ModelServer(session::Choir choir, std::vector<std::string> names, const ServeOptions& options);
    ~ModelServer(); // stop()
    ModelServer(const ModelServer&) = delete;
    ModelServer& operator=(const ModelServer&) = delete;

    std::string url() const; // "http://127.0.0.1:8000/v1"
    int port() const;
    std::int64_t requests() const; // that came so far
    std::size_t answersInWork() const;
    // Answers that are written are cut off within a token; then as HttpServer::stop().
    void stop();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::core::inline serve
