// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled for pissarro_core and the tests of core: torch.h costs 14 s a file without.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
