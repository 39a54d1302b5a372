// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"
#include "core/text/enum_names.h"

#include <algorithm>
#include <iterator>

namespace pissarro::core {

// Each in a file of its own.
extern const MethodInfo kPissa, kLora, kQpissa, kQlora, kLoftq, kFull;

const std::vector<Method>& allMethods()
{
    static const std::vector<Method> all {Method(kPissa), Method(kLora),  Method(kQpissa),
                                          Method(kQlora), Method(kLoftq), Method(kFull)};
    return all;
}

const MethodInfo& defaultMethod()
{
    return kPissa;
}

Method methodNamed(std::string_view name)
{
    std::vector<Named<Method>> names;
    for (const Method method : allMethods()) {
        names.push_back({method, method->name});
    }
    return parseIn(names, "method", name);
}

std::vector<Method> methodsWhere(bool (*is)(Method))
{
    std::vector<Method> found;
    std::copy_if(allMethods().begin(), allMethods().end(), std::back_inserter(found), is);
    return found;
}

Method firstWhere(bool (*is)(Method))
{
    const auto found = std::find_if(allMethods().begin(), allMethods().end(), is);
    if (found == allMethods().end()) {
        throw Error(ErrorKind::Internal, "no method of the kind asked for");
    }
    return *found;
}

std::string namesWhere(bool (*is)(Method), std::string_view last)
{
    const std::vector<Method> methods = methodsWhere(is);
    std::string text;
    for (std::size_t i = 0; i < methods.size(); ++i) {
        text += i == 0 ? "" : i + 1 < methods.size() ? ", " : " " + std::string(last) + " ";
        text += methods[i]->name;
    }
    return text;
}

} // namespace pissarro::core
