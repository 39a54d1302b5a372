// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/row_source_p.h"
#include "core/dataset/unused_fields_p.h"
#include "core/text/ascii.h"
#include "core/text/foreign_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <filesystem>
#include <unordered_map>
#include <utility>

namespace pissarro::core::inline dataset {

namespace {

using Json = nlohmann::ordered_json;

// ".csv" of "rows.CSV.gz".
std::string endingOf(const std::string& fileName)
{
    std::filesystem::path name = lowered(fileName);
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        name = name.stem();
    }
    return name.extension().string();
}

// -- trees of messages

constexpr std::size_t kMostNodes = 4'000'000;
constexpr std::size_t kDeepest = 1'000; // turns from a root to a leaf

struct Node {
    std::string role;
    std::string text;
    std::int64_t line = 0;
    std::vector<std::size_t> replies;
    bool isReply = false; // the message before it is here
    bool isReached = false;
    bool told = false; // a conversation before has it
};

// The names that published trees have for what a message is known by.
const Json* fieldOf(const Json& row, std::initializer_list<const char*> names)
{
    for (const char* name : names) {
        if (const Json* value = jsonField(row, name)) {
            return value;
        }
    }
    return nullptr;
}

std::string idOf(const Json* value)
{
    return value == nullptr ? std::string() : jsonAs<std::string>(*value).value_or(std::string());
}

bool isTreeNode(const Json& row)
{
    return row.is_object() && (row.contains("parent_id") || row.contains("parent_message_id"))
        && jsonField(row, "role") != nullptr && jsonField(row, "text") != nullptr;
}

// Walks what was made of a tree: each conversation is a row of text of its own.
class TreeRows final : public RowSource {
public:
    TreeRows(RowSource& nodes, const RawRow& first);

    std::optional<RawRow> next() override;
    Json parse(const RawRow& row) const override;
    double fraction() const override
    {
        return m_rows.empty() ? 1.0
                              : static_cast<double>(m_at) / static_cast<double>(m_rows.size());
    }
    std::string kind() const override { return "a tree of messages"; }
    std::vector<Said> notes() const override;

private:
    void add(const RowSource& nodes, const RawRow& row);
    void countUnused(const Json& message);
    void link();
    void tell(std::size_t root);
    void tellPath(const std::vector<std::size_t>& path);

    std::deque<Node> m_nodes;
    std::vector<std::string> m_parents; // of each node
    std::unordered_map<std::string, std::size_t> m_byId;
    std::deque<std::string> m_texts; // of the rows
    std::vector<RawRow> m_rows;
    std::size_t m_at = 0;
    std::size_t m_messages = 0;
    std::int64_t m_deleted = 0;
    std::int64_t m_untold = 0; // that no conversation has
    UnusedFields m_unused;
};

TreeRows::TreeRows(RowSource& nodes, const RawRow& first)
{
    add(nodes, first);
    while (const std::optional<RawRow> row = nodes.next()) {
        add(nodes, *row);
    }
    m_messages = m_nodes.size();
    link();
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (!m_nodes[i].isReply) {
            roots.push_back(i);
        }
    }
    for (const std::size_t root : roots) {
        tell(root);
    }
    for (const Node& node : m_nodes) {
        m_untold += node.isReached && !node.told ? 1 : 0;
        if (!node.isReached) {
            m_rows.push_back({{}, node.line, false, "is a message that follows itself"});
        }
    }
    std::stable_sort(m_rows.begin(), m_rows.end(),
                     [](const RawRow& a, const RawRow& b) { return a.line < b.line; });
    m_nodes.clear();
    m_parents.clear();
    m_byId.clear();
}

void TreeRows::add(const RowSource& nodes, const RawRow& row)
{
    try {
        const Json json = nodes.parse(row);
        const bool isNode = isTreeNode(json);
        const auto role = isNode ? jsonFieldAs<std::string>(json, "role") : std::nullopt;
        const auto text = isNode ? jsonFieldAs<std::string>(json, "text") : std::nullopt;
        if (!role || !text) {
            throw Error(ErrorKind::Format,
                        Clause {"is no message of the tree (expected role, text and parent_id)"});
        }
        if (m_nodes.size() >= kMostNodes) {
            throw Error(
                ErrorKind::Format,
                fmt::format("the tree has more than {} messages; split the file", kMostNodes));
        }
        if (const Json* deleted = jsonField(json, "deleted");
            deleted != nullptr && *deleted == true) {
            ++m_deleted;
            return;
        }
        const std::string id =
            idOf(fieldOf(json, {"message_id", "user_message_id", "id", "task_message_id"}));
        m_parents.push_back(idOf(fieldOf(json, {"parent_id", "parent_message_id"})));
        if (!id.empty()) {
            m_byId.emplace(id, m_nodes.size());
        }
        Node node;
        node.role = *role == "prompter" ? "user" : *role;
        node.text = *text;
        node.line = row.line;
        m_nodes.push_back(std::move(node));
        countUnused(json);
    } catch (const Error& e) {
        if (!e.isClause() && m_nodes.size() >= kMostNodes) {
            throw;
        }
        m_rows.push_back(row); // parse() says again what is wrong with it
        m_rows.back().problem = "is no message of the tree (expected role, text and parent_id)";
    }
}

void TreeRows::countUnused(const Json& message)
{
    constexpr std::array kUsed {"role", "text", "parent_id", "parent_message_id", "deleted"};
    UnusedFields one;
    for (const auto& [name, value] : message.items()) {
        if (std::find(kUsed.begin(), kUsed.end(), name) == kUsed.end()) {
            one.add(name, value);
        }
    }
    m_unused.add(one);
}

void TreeRows::link()
{
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const auto found = m_byId.find(m_parents[i]);
        if (found != m_byId.end() && found->second != i) {
            m_nodes[found->second].replies.push_back(i);
            m_nodes[i].isReply = true;
        }
    }
}

// Depth first, without recursion: the replies of a message stand in the order of the file.
void TreeRows::tell(std::size_t root)
{
    std::vector<std::size_t> path {root};
    std::vector<std::size_t> nextReply {0};
    while (!path.empty()) {
        Node& node = m_nodes[path.back()];
        node.isReached = true;
        std::size_t& reply = nextReply.back();
        if (reply < node.replies.size() && path.size() < kDeepest) {
            path.push_back(node.replies[reply++]);
            nextReply.push_back(0);
            continue;
        }
        if (node.replies.empty() || path.size() >= kDeepest) {
            tellPath(path);
        }
        path.pop_back();
        nextReply.pop_back();
    }
}

// A conversation up to its last answer that none before it has.
void TreeRows::tellPath(const std::vector<std::size_t>& path)
{
    std::size_t size = path.size();
    while (size > 0
           && (m_nodes[path[size - 1]].role != "assistant" || m_nodes[path[size - 1]].told)) {
        --size;
    }
    if (size < 2) {
        return;
    }
    Json messages = Json::array();
    for (std::size_t i = 0; i < size; ++i) {
        Node& node = m_nodes[path[i]];
        Json message = Json::object();
        message["role"] = node.role;
        message["content"] = node.text;
        const bool isKnown = std::exchange(node.told, true);
        if (node.role == "assistant") {
            message["weight"] = isKnown ? 0 : 1;
        }
        messages.push_back(std::move(message));
    }
    Json row = Json::object();
    row["messages"] = std::move(messages);
    m_texts.push_back(row.dump());
    m_rows.push_back({m_texts.back(), m_nodes[path[size - 1]].line});
}

std::optional<RawRow> TreeRows::next()
{
    return m_at < m_rows.size() ? std::optional(m_rows[m_at++]) : std::nullopt;
}

Json TreeRows::parse(const RawRow& row) const
{
    if (row.problem != nullptr) {
        throw Error(ErrorKind::Format, Clause {row.problem});
    }
    return Json::parse(row.text, nullptr, false); // written above
}

std::vector<Said> TreeRows::notes() const
{
    std::vector<Said> out {
        {PISSARRO_SAID_N("pissarro::core",
                         "%1 messages of a tree were read as %2 conversations; an answer that "
                         "several share is learned once"),
         "%1 message of a tree was read as %2 conversations; an answer that several share is "
         "learned once",
         static_cast<std::int64_t>(m_messages),
         {fmt::format("{}", m_messages), fmt::format("{}", m_texts.size())}}};
    if (m_untold > 0) {
        out.push_back({PISSARRO_SAID_N("pissarro::core",
                                       "%1 messages of the tree lead to no answer and are left "
                                       "out"),
                       "%1 message of the tree leads to no answer and is left out",
                       m_untold,
                       {fmt::format("{}", m_untold)}});
    }
    if (m_deleted > 0) {
        out.push_back({PISSARRO_SAID_N("pissarro::core",
                                       "%1 messages of the tree are marked as deleted and are left "
                                       "out"),
                       "%1 message of the tree is marked as deleted and is left out",
                       m_deleted,
                       {fmt::format("{}", m_deleted)}});
    }
    const std::vector<Said> fields = m_unused.notes();
    out.insert(out.end(), fields.begin(), fields.end());
    return out;
}

} // namespace

std::unique_ptr<RowSource> treeRows(const std::unique_ptr<RowSource>& source)
{
    const std::optional<RawRow> first = source->next();
    bool isTree = false;
    if (first) {
        try {
            isTree = isTreeNode(source->parse(*first));
        } catch (const Error&) { // it is told of when the row is read
        }
    }
    return isTree ? std::make_unique<TreeRows>(*source, *first) : nullptr;
}

std::unique_ptr<RowSource> openRows(std::string_view text, const std::string& fileName)
{
    refuseForeign(text.substr(0, 64));
    const std::string ending = endingOf(fileName);
    if (ending == ".csv") {
        return tableRows(text, '\0');
    }
    if (ending == ".tsv" || ending == ".tab") {
        return tableRows(text, '\t');
    }
    if (ending == ".txt") {
        return textRows(text);
    }
    for (const char* other : {".parquet", ".arrow", ".xlsx", ".xls", ".ods"}) {
        if (ending == other) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("is a {} file by its name, which is not read as data "
                                            "(expected .jsonl, .json, .csv, .tsv or .txt, as they "
                                            "are or packed as .gz or .zst); convert it",
                                            ending.substr(1))});
        }
    }
    auto rows = jsonRows(text);
    if (auto tree = treeRows(rows)) {
        return tree;
    }
    return jsonRows(text); // at its first row again
}

} // namespace pissarro::core::inline dataset
