#pragma once
// What a generator knows of itself.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "heddle/generator_base.h"

namespace heddle::Internal {

struct GeneratorContents {
    std::vector<GeneratorParamBase *> params;
    std::vector<GeneratorIO *> inputs, outputs;
    std::vector<std::unique_ptr<GeneratorIO>> owned;  ///< those of configure()
    std::vector<std::pair<Expr, std::vector<Expr>>> requirements;
    std::string registered_name = "a generator";
    bool configured = false, ran = false;
    GeneratorContext context{Target()};
    std::optional<std::vector<GeneratorValues>> values;
};

/** Gives the output its name as an argument; other Funcs of the process may have that name, too. */
void name_output(Func &f, const std::string &name);

}  // namespace heddle::Internal
