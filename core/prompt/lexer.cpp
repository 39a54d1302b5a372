// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/prompt/lexer_p.h"
#include "core/prompt/python_text_p.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pissarro::core::inline prompt::jinja {
namespace {

std::string withOneKindOfLineEnd(std::string_view source)
{
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r') {
            out += '\n';
            i += i + 1 < source.size() && source[i + 1] == '\n' ? 1 : 0;
        } else {
            out += source[i];
        }
    }
    if (out.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

class Lexer {
public:
    explicit Lexer(std::string_view source)
        : m_source(withOneKindOfLineEnd(source))
        , m_text(m_source)
    {
    }
    std::vector<Token> run();

private:
    bool startsWith(std::string_view what) const { return m_text.substr(m_at).starts_with(what); }
    void advance(std::size_t to)
    {
        m_line +=
            static_cast<int>(std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_at),
                                        m_text.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
        m_at = to;
    }
    std::size_t behindSpace(std::size_t at) const;
    std::size_t nextMark(std::size_t from) const;
    std::size_t rawBegin(std::size_t at) const;
    std::string_view dataBefore(std::size_t mark, char sign, bool isOutput) const;
    void addData(std::string_view data);
    void add(Token::Type type, std::string text);
    void readComment();
    void readRaw(std::size_t bodyBegin);
    void readCode(bool isOutput);
    bool closes(bool isOutput);
    void readToken();
    bool readNumber();
    bool readFloat();
    void readName();
    void readText();
    void readOperator();

    std::string m_source;
    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_startsLine = true; // what stood before ended with a line feed
    std::vector<char> m_open; // brackets
    std::vector<Token> m_tokens;
};

std::size_t Lexer::behindSpace(std::size_t at) const
{
    while (at < m_text.size()) {
        std::size_t next = at;
        if (!isPythonSpace(nextCodePoint(m_text, next))) {
            break;
        }
        at = next;
    }
    return at;
}

std::size_t Lexer::nextMark(std::size_t from) const
{
    for (std::size_t at = m_text.find('{', from); at != std::string_view::npos;
         at = m_text.find('{', at + 1)) {
        const char next = at + 1 < m_text.size() ? m_text[at + 1] : '\0';
        if (next == '{' || next == '%' || next == '#') {
            return at;
        }
    }
    return std::string_view::npos;
}

// Behind "{% raw %}" when one stands at `at`, else npos.
std::size_t Lexer::rawBegin(std::size_t at) const
{
    at += 2;
    at += at < m_text.size() && (m_text[at] == '-' || m_text[at] == '+') ? 1 : 0;
    at = behindSpace(at);
    if (!m_text.substr(std::min(at, m_text.size())).starts_with("raw")) {
        return std::string_view::npos;
    }
    at = behindSpace(at + 3);
    if (m_text.substr(at).starts_with("-%}")) {
        return behindSpace(at + 3);
    }
    return m_text.substr(at).starts_with("%}") ? at + 2 : std::string_view::npos;
}

// The data up to a mark, without the white space that the mark takes away.
std::string_view Lexer::dataBefore(std::size_t mark, char sign, bool isOutput) const
{
    const std::string_view data = m_text.substr(m_at, mark - m_at);
    if (sign == '-') {
        return stripped(data, false, true);
    }
    if (sign == '+' || isOutput) {
        return data;
    }
    const std::size_t feed = data.rfind('\n');
    const std::size_t lineBegin = feed == std::string_view::npos ? 0 : feed + 1;
    const bool onlySpace = stripped(data.substr(lineBegin), true, false).empty();
    return (lineBegin > 0 || m_startsLine) && onlySpace ? data.substr(0, lineBegin) : data;
}

void Lexer::add(Token::Type type, std::string text)
{
    m_tokens.push_back({type, std::move(text), m_line, 0, 0});
}

void Lexer::addData(std::string_view data)
{
    if (!data.empty()) {
        add(Token::Type::Data, std::string(data));
    }
}

std::vector<Token> Lexer::run()
{
    while (m_at < m_text.size()) {
        const std::size_t mark = nextMark(m_at);
        if (mark == std::string_view::npos) {
            addData(m_text.substr(m_at));
            break;
        }
        const char kind = m_text[mark + 1];
        const char sign = mark + 2 < m_text.size() ? m_text[mark + 2] : '\0';
        addData(dataBefore(mark, sign, kind == '{'));
        const std::size_t raw = kind == '%' ? rawBegin(mark) : std::string_view::npos;
        if (raw != std::string_view::npos) {
            readRaw(raw);
            continue;
        }
        advance(mark + (sign == '-' || sign == '+' ? 3 : 2));
        if (kind == '#') {
            readComment();
        } else {
            readCode(kind == '{');
        }
    }
    add(Token::Type::End, "");
    return std::move(m_tokens);
}

void Lexer::readComment()
{
    const std::size_t end = m_text.find("#}", m_at);
    if (end == std::string_view::npos) {
        failAt(m_line, "a comment is not closed (expected '#}')");
    }
    const char sign = end > m_at ? m_text[end - 1] : '\0';
    std::size_t behind = end + 2;
    if (sign == '-') {
        behind = behindSpace(behind);
    } else if (sign != '+' && behind < m_text.size() && m_text[behind] == '\n') {
        ++behind;
    }
    advance(behind);
    m_startsLine = m_text[behind - 1] == '\n';
}

void Lexer::readRaw(std::size_t bodyBegin)
{
    const int line = m_line;
    advance(bodyBegin);
    m_startsLine = m_text[bodyBegin - 1] == '\n';
    for (std::size_t mark = m_text.find("{%", m_at); mark != std::string_view::npos;
         mark = m_text.find("{%", mark + 1)) {
        const char sign = mark + 2 < m_text.size() ? m_text[mark + 2] : '\0';
        std::size_t at = behindSpace(mark + (sign == '-' || sign == '+' ? 3 : 2));
        if (!m_text.substr(at).starts_with("endraw")) {
            continue;
        }
        at = behindSpace(at + 6);
        std::size_t behind = 0;
        if (m_text.substr(at).starts_with("+%}")) {
            behind = at + 3;
        } else if (m_text.substr(at).starts_with("-%}")) {
            behind = behindSpace(at + 3);
        } else if (m_text.substr(at).starts_with("%}")) {
            behind = at + 2 + (at + 2 < m_text.size() && m_text[at + 2] == '\n' ? 1 : 0);
        } else {
            continue;
        }
        addData(dataBefore(mark, sign, false));
        advance(behind);
        m_startsLine = m_text[behind - 1] == '\n';
        return;
    }
    failAt(line, "a raw block is not closed (expected '{% endraw %}')");
}

bool Lexer::closes(bool isOutput)
{
    if (!m_open.empty()) {
        return false;
    }
    std::size_t behind = 0;
    if (isOutput) {
        behind = startsWith("-}}") ? behindSpace(m_at + 3) : startsWith("}}") ? m_at + 2 : 0;
    } else if (startsWith("+%}")) {
        behind = m_at + 3;
    } else if (startsWith("-%}")) {
        behind = behindSpace(m_at + 3);
    } else if (startsWith("%}")) {
        behind = m_at + 2 + (m_at + 2 < m_text.size() && m_text[m_at + 2] == '\n' ? 1 : 0);
    }
    if (behind == 0) {
        return false;
    }
    add(isOutput ? Token::Type::CloseOutput : Token::Type::CloseBlock, isOutput ? "}}" : "%}");
    advance(behind);
    m_startsLine = m_text[behind - 1] == '\n';
    return true;
}

void Lexer::readCode(bool isOutput)
{
    m_open.clear();
    add(isOutput ? Token::Type::OpenOutput : Token::Type::OpenBlock, isOutput ? "{{" : "{%");
    while (m_at < m_text.size()) {
        if (closes(isOutput)) {
            return;
        }
        const std::size_t next = behindSpace(m_at);
        if (next > m_at) {
            advance(next);
        } else {
            readToken();
        }
    }
}

bool isAsciiDigit(char c)
{
    return c >= '0' && c <= '9';
}

void Lexer::readToken()
{
    const char c = m_text[m_at];
    std::size_t next = m_at;
    const char32_t codePoint = nextCodePoint(m_text, next);
    if (isAsciiDigit(c)) {
        readNumber();
    } else if (c == '"' || c == '\'') {
        readText();
    } else if (isWordCharacter(codePoint)) {
        readName();
    } else {
        readOperator();
    }
}

// digits, '_' between them; the position behind
std::size_t behindDigits(std::string_view text, std::size_t at)
{
    while (at < text.size()
           && (isAsciiDigit(text[at])
               || (text[at] == '_' && at + 1 < text.size() && isAsciiDigit(text[at + 1])))) {
        ++at;
    }
    return at;
}

bool Lexer::readFloat()
{
    if (m_at > 0 && m_text[m_at - 1] == '.') {
        return false;
    }
    std::size_t at = behindDigits(m_text, m_at);
    const auto digitAt = [&](std::size_t i) {
        return i < m_text.size() && isAsciiDigit(m_text[i]);
    };
    bool isFloat = false;
    if (at < m_text.size() && m_text[at] == '.' && digitAt(at + 1)) {
        at = behindDigits(m_text, at + 1);
        isFloat = true;
    }
    if (at < m_text.size() && (m_text[at] == 'e' || m_text[at] == 'E')) {
        const std::size_t sign =
            at + 1 < m_text.size() && (m_text[at + 1] == '+' || m_text[at + 1] == '-') ? 1 : 0;
        if (digitAt(at + 1 + sign)) {
            at = behindDigits(m_text, at + 1 + sign);
            isFloat = true;
        }
    }
    if (!isFloat) {
        return false;
    }
    std::string digits(m_text.substr(m_at, at - m_at));
    std::erase(digits, '_');
    add(Token::Type::Float, digits);
    std::from_chars(digits.data(), digits.data() + digits.size(), m_tokens.back().real);
    advance(at);
    return true;
}

bool Lexer::readNumber()
{
    if (readFloat()) {
        return true;
    }
    unsigned base = 10;
    std::size_t at = m_at;
    const char mark = at + 1 < m_text.size() ? static_cast<char>(m_text[at + 1] | 0x20) : '\0';
    const auto valueOf = [&](char c) -> unsigned {
        return isAsciiDigit(c)     ? static_cast<unsigned>(c - '0')
            : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
            : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                   : 99U;
    };
    if (m_text[at] == '0' && (mark == 'x' || mark == 'o' || mark == 'b')
        && at + 2 < m_text.size()) {
        const unsigned wanted = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
        const std::size_t first = at + 2 + (m_text[at + 2] == '_' ? 1 : 0);
        if (first < m_text.size() && valueOf(m_text[first]) < wanted) {
            base = wanted;
            at = first;
        }
    }
    const bool isZero = base == 10 && m_text[at] == '0'; // "007" is 00 and 7, as in Jinja
    Whole value = 0;
    const std::size_t begin = at;
    for (; at < m_text.size(); ++at) {
        const bool joins = m_text[at] == '_' && at > begin && at + 1 < m_text.size()
            && valueOf(m_text[at + 1]) < base && (!isZero || m_text[at + 1] == '0');
        if (joins) {
            continue;
        }
        const unsigned digit = valueOf(m_text[at]);
        if (digit >= base || (isZero && digit != 0)) {
            break;
        }
        if (__builtin_mul_overflow(value, static_cast<Whole>(base), &value)
            || __builtin_add_overflow(value, static_cast<Whole>(digit), &value)) {
            failAt(m_line, "a number has more than 127 bits, which is not supported");
        }
    }
    add(Token::Type::Integer, std::string(m_text.substr(m_at, at - m_at)));
    m_tokens.back().whole = value;
    advance(at);
    return true;
}

void Lexer::readName()
{
    std::size_t at = m_at;
    while (at < m_text.size()) {
        std::size_t next = at;
        if (!isWordCharacter(nextCodePoint(m_text, next))) {
            break;
        }
        at = next;
    }
    add(Token::Type::Name, std::string(m_text.substr(m_at, at - m_at)));
    advance(at);
}

void Lexer::readText()
{
    const char quote = m_text[m_at];
    std::size_t at = m_at + 1;
    while (at < m_text.size() && m_text[at] != quote) {
        at += m_text[at] == '\\' ? 2 : 1;
    }
    if (at >= m_text.size()) {
        failAt(m_line, std::string("a text is not closed (expected another ") + quote + ")");
    }
    add(Token::Type::Text, unescapedLiteral(m_text.substr(m_at + 1, at - m_at - 1), m_line));
    advance(at + 1);
}

void Lexer::readOperator()
{
    constexpr std::array<std::string_view, 25> kOperators {
        "//", "**", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[",
        "]",  "(",  ")",  "{",  "}",  "<",  ">", "=", ".", ":", "|", ","};
    for (const std::string_view op : kOperators) {
        if (!startsWith(op)) {
            continue;
        }
        if (op == "(" || op == "[" || op == "{") {
            m_open.push_back(op == "(" ? ')' : op == "[" ? ']' : '}');
        } else if (op == ")" || op == "]" || op == "}") {
            if (m_open.empty() || m_open.back() != op.front()) {
                failAt(m_line,
                       "'" + std::string(op) + "' stands where "
                           + (m_open.empty() ? std::string("no bracket is open")
                                             : std::string("'") + m_open.back() + "' is expected"));
            }
            m_open.pop_back();
        }
        add(Token::Type::Operator, std::string(op));
        advance(m_at + op.size());
        return;
    }
    if (startsWith(";")) {
        add(Token::Type::Operator, ";");
        advance(m_at + 1);
        return;
    }
    std::size_t next = m_at;
    nextCodePoint(m_text, next);
    failAt(m_line,
           "the character " + shownText(m_text.substr(m_at, next - m_at))
               + " is not of the template language");
}

} // namespace

std::vector<Token> tokensOf(std::string_view source)
{
    return Lexer(source).run();
}

std::string shownToken(const Token& token)
{
    switch (token.type) {
    case Token::Type::End:
        return "the end of the template";
    case Token::Type::Text:
        return "the text " + shownText(token.text, 24);
    case Token::Type::Data:
        return "the text behind it";
    default:
        return shownText(token.text, 24);
    }
}

void failAt(int line, const std::string& message)
{
    fail(fmt::format("line {}: {}", line, message));
}

} // namespace pissarro::core::inline prompt::jinja
