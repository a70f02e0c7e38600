#include "lower/pipeline.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <system_error>

#include "analysis/cse.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "lower/bound_extents.h"
#include "lower/flatten_storage.h"
#include "lower/fork_async.h"
#include "lower/lower_atomics.h"
#include "lower/partition_loops.h"
#include "lower/storage_folding.h"
#include "lower/target_queries.h"
#include "lower/unroll_loops.h"
#include "lower/vectorize_loops.h"
#include "schedule/roundtrip.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

Stmt simplify_pass(const Stmt &s, PassContext &) {
    return simplify(s);
}
Stmt cse_pass(const Stmt &s, PassContext &) {
    return common_subexpressions(s);
}

std::string env(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

bool verify_by_default() {
#ifdef NDEBUG
    return false;
#else
    return true;
#endif
}

void expect_text_reads_back(const Pass &pass, const Stmt &s) {
    SymbolTable symbols;
    const std::string text = to_string(s);
    const Stmt again = parse_stmt(text, symbols);
    if (!equal_up_to_names(s, again)) {
        throw InternalError(concat("after ", pass.name, ", the statement\n", text, "is read as\n", again));
    }
}

[[noreturn]] void refuse_switch(int code, const std::string &message, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.hint = hint;
    throw CompileError(d);
}

// A switch that is misspelt would silently do nothing.
void check_switch(const char *name, const std::vector<std::string> &also, bool only_skippable) {
    const std::string value = env(name);
    if (value.empty() || std::find(also.begin(), also.end(), value) != also.end()) return;
    std::string names;
    for (const std::string &n : also) names += (names.empty() ? "" : ", ") + n;
    for (const Pass &p : passes()) {
        if (only_skippable && !p.may_skip) continue;
        if (value == p.name) return;
        names += (names.empty() ? "" : ", ") + std::string(p.name);
    }
    refuse_switch(470, concat(name, "=", value, only_skippable ? " names no pass that may be skipped" : " names no pass"),
                  "one of " + names);
}

// One line of HEDDLE_DUMP output per pass, and the statement where it was asked for.
void dump(size_t index, const char *pass, const Stmt &before, const Stmt &after) {
    const std::string what = env("HEDDLE_DUMP");
    if (what.empty()) return;
    const bool unchanged = before.same_as(after);
    if (what != "all" && what != "changed" && what != pass) return;
    std::ostringstream text;
    text << "// after " << pass << (unchanged ? " (unchanged)" : "") << "\n";
    if (!unchanged || what == "all") text << after << "\n";
    const std::string folder = env("HEDDLE_DUMP_DIR");
    if (folder.empty()) {
        std::cerr << text.str();
        return;
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    char name[80];
    std::snprintf(name, sizeof(name), "/%02zu_%s.hir", index, pass);
    std::ofstream file(folder + name);
    file << text.str();
    if (!file.flush()) refuse_switch(471, concat("HEDDLE_DUMP_DIR: cannot write ", folder, name), "name a folder that can be written to");
}

}  // namespace

const std::vector<Pass> &passes() {
    static const std::vector<Pass> table = {
        {"resolve_target_queries", resolve_target_queries, Level::Nest, Level::Nest, false,
         "replaces questions about the target by their answers", "first: simplification drops the branches not taken"},
        {"simplify_nest", simplify_pass, Level::Nest, Level::Nest, true,
         "simplifies all expressions, drops what is unused", "the nest is built of general formulas"},
        {"storage_folding", storage_folding, Level::Nest, Level::Nest, true,
         "keeps only the moving window of what slides along a loop; bounds, aligns and splits storage as told",
         "needs coordinates, and windows in simple form"},
        {"fork_async", fork_async, Level::Nest, Level::Nest, false, "makes tasks of what computes and what uses async Funcs",
         "after folding, which must see all accesses in one nest, and decides how far a task may run ahead"},
        {"bound_extents", bound_extents, Level::Nest, Level::Nest, false,
         "gives vectorized and unrolled loops, and small allocations, constant extents with guards",
         "after regions have their simplest form, while the loops around are still whole"},
        {"flatten_storage", flatten_storage, Level::Nest, Level::Flat, false,
         "turns coordinates into one index per buffer", "after all passes that look at coordinates"},
        {"simplify_indices", simplify_pass, Level::Flat, Level::Flat, true, "simplifies the index arithmetic",
         "so that unrolling and vectorizing copy little"},
        {"unroll_loops", unroll_loops, Level::Flat, Level::Flat, false, "repeats the bodies of unrolled loops",
         "before vectorizing, which then sees fewer loops"},
        {"vectorize_loops", vectorize_loops, Level::Flat, Level::Flat, false,
         "turns vectorized loops into vectors and predicates", "needs one index per access to see dense ones"},
        {"simplify_vectors", simplify_pass, Level::Flat, Level::Flat, true, "folds ramps and predicates",
         "partitioning looks for conditions in simple form"},
        {"lower_atomics", lower_atomics, Level::Flat, Level::Flat, false,
         "turns updates that threads share into those that a processor has, or puts mutexes around them",
         "after vectorizing, which combines lanes; before partitioning makes copies"},
        {"partition_loops", partition_loops, Level::Flat, Level::Flat, false,
         "splits loops where a likely condition begins and ceases to hold; removes the marks",
         "after vectorizing, whose guards it removes from the steady state"},
        {"simplify", simplify_pass, Level::Flat, Level::Flat, true, "simplifies what partitioning has decided",
         "the steady states have lost their conditions"},
        {"common_subexpressions", cse_pass, Level::Flat, Level::Flat, true, "computes equal expressions once",
         "last: other passes would undo it"},
    };
    return table;
}

Stmt run_passes(Stmt s, PassContext &context, const std::string &stop_after) {
    const std::string stop = stop_after.empty() ? env("HEDDLE_STOP_AFTER") : stop_after;
    const std::string skip = env("HEDDLE_SKIP");
    const bool time = !env("HEDDLE_TIME_PASSES").empty();
    const std::string verify_wish = env("HEDDLE_VERIFY");
    const bool check = verify_wish.empty() ? verify_by_default() : verify_wish != "0";
    const bool roundtrip = roundtrip_from_environment().ir;
    VerifyOptions options;
    options.free = &context.arguments;
    check_switch("HEDDLE_DUMP", {"all", "changed", "build_nest"}, false);
    check_switch("HEDDLE_SKIP", {}, true);
    check_switch("HEDDLE_STOP_AFTER", {"build_nest"}, false);
    dump(0, "build_nest", Stmt(), s);
    if (stop == "build_nest") return s;
    if (check) verify(s, Level::Nest, options);
    for (size_t i = 0; i < passes().size(); i++) {
        const Pass &pass = passes()[i];
        if (skip == pass.name && pass.may_skip) continue;
        const auto start = std::chrono::steady_clock::now();
        Stmt after = pass.run(s, context);
        if (time) {
            const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
            std::fprintf(stderr, "%-24s %8.3f ms\n", pass.name, ms.count());
        }
        dump(i, pass.name, s, after);
        if (check) verify(after, pass.out, options);
        if (roundtrip && !after.same_as(s)) expect_text_reads_back(pass, after);
        s = after;
        if (stop == pass.name) break;
    }
    return s;
}

std::string passes_markdown() {
    std::ostringstream out;
    out << "# Passes\n\nIn this order, after the loop nest has been built. Made from the table in "
           "src/lower/pipeline.cpp.\n\n| # | pass | level | what it does | why here |\n|---|---|---|---|---|\n";
    auto level = [](Level l) {
        switch (l) {
        case Level::Tensor: return "tensor";
        case Level::Nest: return "nest";
        case Level::Flat: return "flat";
        case Level::Device: return "device";
        }
        return "?";
    };
    for (size_t i = 0; i < passes().size(); i++) {
        const Pass &p = passes()[i];
        out << "| " << i + 1 << " | `" << p.name << "` | " << level(p.in);
        if (p.in != p.out) out << " → " << level(p.out);
        out << " | " << p.doc << " | " << p.why_here << " |\n";
    }
    return out.str();
}

}  // namespace heddle::Internal
