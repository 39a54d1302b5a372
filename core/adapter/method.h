// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

namespace pissarro::core {

// Lists of runs keep this order.
enum class Method { Pissa, Lora, Qpissa, Qlora, Loftq, Full };

std::string_view methodName(Method method); // "pissa", "lora", "full": files and the command line
std::string_view
methodTitle(Method method); // "PiSSA", "LoRA", "Full fine-tuning": what a person reads
Method parseMethod(std::string_view text); // Throws: Error{InvalidArgument} with the names known
const std::vector<Method>& allMethods();
bool hasAdapter(Method method); // all but full fine-tuning
bool isFourBit(Method method); // quantizes the base: QPiSSA, QLoRA, LoftQ
bool decomposes(Method method); // begins with an SVD: PiSSA, QPiSSA, LoftQ
bool iterates(Method method); // has T: QPiSSA, LoftQ

} // namespace pissarro::core
