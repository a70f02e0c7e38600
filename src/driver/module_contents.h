#pragma once
// What the handles of a public Module share.

#include <memory>
#include <optional>
#include <vector>

#include "heddle/module.h"
#include "ir/module.h"

namespace heddle::Internal {

struct ModuleContents {
    Module module;
    std::vector<heddle::Module> submodules;
    MetadataNameMap metadata_names;
    std::optional<AutoSchedulerResults> scheduled;
    bool strict_float = false;
};

/** The module with the functions of all submodules, and with the names that metadata is to tell. */
Module resolved(const ModuleContents &c);

}  // namespace heddle::Internal
