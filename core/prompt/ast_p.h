// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/value_p.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<const Expression>;
using Block = std::vector<std::unique_ptr<const Statement>>;

struct Expression {
    enum class Type {
        Constant,
        Name,
        Tuple,
        List,
        Dict, // parts: key, value, key, value …
        Attribute, // parts: object; name
        Item, // parts: object, index
        Slice, // parts: begin, end, step; each may be null
        Call, // parts: callee, arguments …
        Filter, // parts: input (null: the text of a block), arguments …
        Test, // parts: value, arguments …
        Unary, // name: "not", "-", "+"
        Binary, // name: the operator, "and" and "or" among them
        Concat, // parts joined by ~
        Compare, // parts: first, second …; operators between them
        Choice, // parts: test, value, otherwise (null: undefined)
        Field, // a target: name.attribute of a namespace
    };
    Type type = Type::Constant;
    int line = 1;
    int depth = 1; // of the longest chain within it
    std::string name;
    std::string attribute; // Field
    Value value;
    std::vector<ExpressionPtr> parts;
    std::vector<std::pair<std::string, ExpressionPtr>> named; // keyword arguments
    ExpressionPtr star; // *arguments
    ExpressionPtr doubleStar; // **arguments
    std::vector<std::string> operators; // Compare
};

struct Parameter {
    std::string name;
    ExpressionPtr otherwise; // null: none
};

struct Statement {
    enum class Type {
        Data,
        Output, // outputs
        If, // branches, otherwise
        For, // target, value, condition, body, otherwise, recursive
        Set, // target, value
        SetBlock, // target, filter, body
        Macro, // name, parameters, body
        CallBlock, // value: the call; parameters, body
        FilterBlock, // filter, body
        With, // assignments, body
        NamedBlock, // name, body
        Generation, // body
        Autoescape, // value, body
        Break,
        Continue,
        Loader, // name: include, import, from or extends: there is nothing to load from
    };
    Type type = Type::Data;
    int line = 1;
    std::string name;
    std::string data;
    ExpressionPtr target;
    ExpressionPtr value;
    ExpressionPtr condition;
    ExpressionPtr filter;
    std::vector<ExpressionPtr> outputs;
    std::vector<std::pair<ExpressionPtr, Block>> branches; // If: condition and body
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> assignments; // With: target and value
    std::vector<Parameter> parameters;
    Block body;
    Block otherwise;
    bool recursive = false;
    bool usesCaller = false; // Macro, CallBlock: these names stand in the body
    bool usesKwargs = false;
    bool usesVarargs = false;
};

} // namespace pissarro::core::inline prompt::jinja
