// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The readers of files that strangers made, each behind one function that fuzz targets and core.fuzz_finds share.
namespace pissarro::fuzz {

// Opens `bytes` as a file of the format and uses all that came of it: every weight is read, every text is encoded.
// Returns why the file was refused; nullopt: it was read.
// Throws: std::logic_error when a reader breaks its promise (a message that is long or carries control characters, a
//         tensor outside the file); whatever else a reader throws that is no core::Error.
std::optional<std::string> readSafetensors(std::string_view bytes);
std::optional<std::string> readGguf(std::string_view bytes);
std::optional<std::string> readTokenizerJson(std::string_view bytes);
std::optional<std::string> readJsonl(std::string_view bytes);
std::optional<std::string> readChatTemplate(std::string_view bytes); // .jinja
std::optional<std::string>
readTokenizerConfig(std::string_view bytes); // beside a small tokenizer.json
std::optional<std::string> readSpec(std::string_view bytes); // a RUN.json for train
// run.json, metrics.jsonl, .lock and .order, byte 0x1C between them
std::optional<std::string> readRunFolder(std::string_view bytes);
std::optional<std::string> readAdapterConfig(std::string_view bytes); // PEFT's
std::optional<std::string> readRankMap(std::string_view bytes);
std::optional<std::string> readConfig(std::string_view bytes); // and generation_config.json
std::optional<std::string> readSpectrumCache(std::string_view bytes);
std::optional<std::string>
readFactorCache(std::string_view bytes); // of a matrix with 4 on its smaller side
std::optional<std::string>
readMarker(std::string_view bytes); // .pissarro and two files that it may list
// model.safetensors.index.json beside two shards of a small model
std::optional<std::string> readIndex(std::string_view bytes);
// Runs of others. Of an event file also what it holds as messages, byte 0x1C between them, framed.
std::optional<std::string> readTrainerState(std::string_view bytes);
std::optional<std::string> readTrainerLog(std::string_view bytes);
std::optional<std::string> readEventFile(std::string_view bytes);
// What sweeps, evaluations, judges and people leave behind.
std::optional<std::string> readSweep(std::string_view bytes); // a SWEEP.json
std::optional<std::string> readSweepFolder(std::string_view bytes); // sweep.json of its folder
// evaluation.json, transcripts.jsonl, summary.json and base.jsonl, byte 0x1C between them
std::optional<std::string> readEvaluationFolder(std::string_view bytes);
// Questions of any task, and answers behind byte 0x1C.
std::optional<std::string> readTaskFiles(std::string_view bytes);
std::optional<std::string> readProject(std::string_view bytes); // marks of runs
std::optional<std::string> readQuantErrorFile(std::string_view bytes);
// FastChat's: questions, answers of two models, ratings, pairs, byte 0x1C between them
std::optional<std::string> readJudged(std::string_view bytes);
std::optional<std::string> readVoteFile(std::string_view bytes);
std::optional<std::string> readConversationFile(std::string_view bytes);

struct Reader {
    const char* name; // its folder below seeds/ and finds/
    std::optional<std::string> (*read)(std::string_view bytes);
};

const std::vector<Reader>& readers();

} // namespace pissarro::fuzz
