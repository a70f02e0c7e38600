// Handles on parameters, Modules, passes, and pipelines as data.

#include <gtest/gtest.h>

#include "errors/refused.h"

namespace heddle {
namespace {

TEST(ErrorTexts, HandlesOnParametersAndLevels) {
    REFUSED(120, Parameter(Int(32), false, 0, "unset").scalar_expr());
    REFUSED(239, Buffer<uint8_t>(std::vector<int>{4, -1}, "negative"));
    LoopLevel level = LoopLevel::root();
    level.lock();
    REFUSED(427, level.set(LoopLevel::inlined()));
}

TEST(ErrorTexts, ModulesAndPasses) {
    Module m("module", get_host_target());
    REFUSED(279, m.get_function_by_name("kernel"));
    Func f("passed");
    Var x("x");
    f(x) = x;
    f.add_custom_lowering_pass({"empty", [](const std::string &) { return "eval eval"; }});
    REFUSED(229, f.compile_jit());
}

TEST(ErrorTexts, PipelinesAsData) {
    std::vector<uint8_t> data;
    REFUSED(296, serialize_pipeline(Func("undefined_data"), data));
    const std::string text = R"({"heddle_pipeline": 2})";
    data.assign(text.begin(), text.end());
    REFUSED(297, deserialize_pipeline(data, {}));
}

}  // namespace
}  // namespace heddle
