#include "schedule/check_schedule.h"

#include "schedule/derived.h"

namespace heddle::testing {

using namespace Internal;

namespace {

Functions functions(const std::vector<Func> &outputs) {
    Functions result;
    for (const Func &f : outputs)
        result.push_back(f.function());
    return result;
}

// Every nest and placement, as far as they print.
std::string all_stages(const Functions &outputs) {
    std::string out;
    for (const auto &f : functions_lowered(outputs)) {
        for (int s = 0; s < f->stages(); s++) {
            out += print_stage_nest(*f, s) + "\n";
        }
    }
    return out + print_loop_nest(functions_lowered(outputs), outputs);
}

}  // namespace

std::string loop_nests(const std::vector<Func> &outputs) {
    return print_loop_nest(functions_lowered(functions(outputs)), functions(outputs));
}

std::string check_round_trip(const std::vector<Func> &outputs) {
    const Functions funcs = functions(outputs);
    const std::string nests = all_stages(funcs);
    const Schedule said = collect_schedule(funcs, "test");
    const std::string text = said.to_json();
    const Schedule read = Schedule::from_json(text, "file.json");
    EXPECT_TRUE(read == said) << text;
    EXPECT_EQ(read.to_json(), text);
    EXPECT_EQ(read.to_cpp(), said.to_cpp());
    apply_schedule(read, funcs);
    EXPECT_TRUE(collect_schedule(funcs, "test") == said)
        << collect_schedule(funcs, "test").to_json() << text;
    EXPECT_EQ(all_stages(funcs), nests);
    return text;
}

Diagnostic refusal_of(const std::function<void()> &call) {
    try {
        call();
    } catch (const CompileError &e) {
        return e.diagnostic();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

}  // namespace heddle::testing
