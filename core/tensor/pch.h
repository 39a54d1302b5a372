// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled for what computes. ATen alone: all of torch.h would cost each file 5 s more, used or not.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
