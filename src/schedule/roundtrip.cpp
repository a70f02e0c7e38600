#include "schedule/roundtrip.h"

#include <cstdlib>
#include <mutex>
#include <sstream>

#include "schedule/collect.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

// The directives of b happen where those of a were written.
void keep_locations(const std::vector<Directive> &a, std::vector<Directive> &b) {
    for (size_t i = 0; i < b.size(); i++) {
        b[i].location = a[i].location;
        if (a[i].body.size() == b[i].body.size()) keep_locations(a[i].body, b[i].body);
    }
}

}  // namespace

Roundtrip roundtrip_from_environment() {
    const char *wish = std::getenv("HEDDLE_ROUNDTRIP");
    Roundtrip r;
    std::istringstream words(wish ? wish : "");
    for (std::string word; std::getline(words, word, ',');) {
        if (word == "schedule") {
            r.schedule = true;
        } else if (word == "ir") {
            r.ir = true;
        } else if (!word.empty()) {
            Diagnostic d;
            d.code = 514;
            d.message = concat("HEDDLE_ROUNDTRIP=", wish, ": ", word, " is neither schedule nor ir");
            throw CompileError(d);
        }
    }
    return r;
}

void roundtrip_schedule(const std::vector<std::shared_ptr<const Function>> &outputs) {
    // Funcs may be shared by pipelines that are compiled in several threads.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    Schedule before;
    try {
        before = collect_schedule(outputs);
    } catch (const CompileError &) {
        return;
    }
    const std::string text = before.to_json();
    Schedule after = Schedule::from_json(text);
    if (!(after == before) || after.to_json() != text) {
        throw InternalError(concat("a schedule and what is read from its JSON form differ:\n", text, after.to_json()));
    }
    for (size_t i = 0; i < before.stages.size(); i++) {
        keep_locations(before.stages[i].directives, after.stages[i].directives);
    }
    apply_schedule(after, outputs);
    if (collect_schedule(outputs).to_json() != text) {
        throw InternalError(concat("a schedule that was loaded is recorded as another one:\n", text,
                                   collect_schedule(outputs).to_json()));
    }
}

}  // namespace heddle::Internal
