// Schedule files. The schema is in docs/schedule.md; the text is laid out for people: one stage after the
// other, its directives on as few lines as they need.

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "ir/parse.h"
#include "ir/print.h"
#include "schedule/directives.h"
#include "support/assert.h"
#include "support/output_files.h"

namespace heddle {

using namespace Internal;
using Json = nlohmann::ordered_json;

namespace {

constexpr int version = 1;
constexpr size_t width = 100;

// --- writing

Json to_json(const Expr &e) {
    int64_t value = 0;
    if (as_const_int(e, &value)) return value;
    return written(e);
}

Json to_json(const std::vector<LoopName> &loops) {
    Json list = Json::array();
    for (const LoopName &l : loops) {
        list.push_back(l.name);
    }
    return list;
}

Json to_json(const LoopLevel &l) {
    Json list = Json::array({l.func(), l.var().name()});
    if (l.stage_index() >= 0) list.push_back(l.stage_index());
    return list;
}

Json to_json(const DirectiveArgument &a) {
    struct Visitor {
        Json operator()(std::monostate) const {
            return nullptr;
        }
        Json operator()(const LoopName &l) const {
            return l.name;
        }
        Json operator()(const Expr &e) const {
            return heddle::to_json(e);
        }
        Json operator()(bool b) const {
            return b;
        }
        Json operator()(TailStrategy t) const {
            return file_name(t);
        }
        Json operator()(MemoryType t) const {
            return file_name(t);
        }
        Json operator()(Partition t) const {
            return file_name(t);
        }
        Json operator()(PrefetchBoundStrategy t) const {
            return file_name(t);
        }
        Json operator()(LoopAlignStrategy t) const {
            return file_name(t);
        }
        Json operator()(Race r) const {
            return file_name(r);
        }
        Json operator()(DeviceAPI d) const {
            return file_name(d);
        }
        Json operator()(const std::string &s) const {
            return s;
        }
        Json operator()(const std::vector<std::string> &list) const {
            return list;
        }
        Json operator()(const std::vector<LoopAlignStrategy> &list) const {
            if (list.size() == 1) return file_name(list[0]);
            Json out = Json::array();
            for (LoopAlignStrategy t : list) {
                out.push_back(file_name(t));
            }
            return out;
        }
        Json operator()(const LoopLevel &l) const {
            return heddle::to_json(l);
        }
        Json operator()(const std::vector<LoopName> &l) const {
            return heddle::to_json(l);
        }
        Json operator()(const std::vector<Expr> &list) const {
            Json out = Json::array();
            for (const Expr &e : list) {
                out.push_back(heddle::to_json(e));
            }
            return out;
        }
        Json operator()(const std::vector<TailStrategy> &list) const {
            if (list.size() == 1) return file_name(list[0]);
            Json out = Json::array();
            for (TailStrategy t : list) {
                out.push_back(file_name(t));
            }
            return out;
        }
    };
    return std::visit(Visitor{}, a);
}

// Whether all remaining elements of the JSON array belong to parameter i. A level that is not the last one is an
// array of its own.
bool takes_the_rest(const DirectiveInfo &row, size_t i) {
    const ArgumentKind kind = row.parameters[i].kind;
    const bool is_last = i + 1 == row.parameters.size();
    return kind == ArgumentKind::Loops || kind == ArgumentKind::Dims || (kind == ArgumentKind::Level && is_last);
}

Json to_json(const Directive &d) {
    Json out = Json::array({info(d.kind).name});
    for (size_t i = 0; i < d.args.size(); i++) {
        Json value = to_json(d.args[i]);
        if (takes_the_rest(info(d.kind), i)) {
            out.insert(out.end(), value.begin(), value.end());
        } else {
            out.push_back(std::move(value));
        }
    }
    if (!d.body.empty()) {
        Json body = Json::array();
        for (const Directive &inner : d.body) {
            body.push_back(to_json(inner));
        }
        out.push_back(std::move(body));
    }
    return out;
}

// ["split", "x", "xo", "xi", 8]: with a space after each comma.
std::string one_line(const Json &j) {
    if (!j.is_array()) return j.dump();
    std::string out = "[";
    for (const Json &e : j) {
        out += (out.size() > 1 ? ", " : "") + one_line(e);
    }
    return out + "]";
}

// ",\n<indent>"key": value" for each member of a JSON object given as text.
std::string members_text(const std::string &object, const char *indent) {
    if (object.empty()) return {};
    std::string out;
    const Json members = Json::parse(object);
    for (const auto &[key, value] : members.items()) {
        out += std::string(",\n") + indent + Json(key).dump() + ": " + value.dump();
    }
    return out;
}

std::string stage_text(const Schedule::Stage &s) {
    std::string out = "    { \"func\": " + Json(s.func).dump() +
                      ", \"update\": " + (s.update < 0 ? "null" : std::to_string(s.update)) + ",\n";
    const std::string indent(14, ' ');
    std::string line = "      \"do\": [";
    bool first = true;
    for (const Directive &d : s.directives) {
        const std::string text = one_line(to_json(d));
        if (!first) line += ",";
        if (!first && line.size() + text.size() + 5 > width) {
            out += line + "\n";
            line = indent + text;
        } else {
            line += " " + text;
        }
        first = false;
    }
    out += line + (first ? "]" : " ]");
    return out + members_text(s.other, "      ") + " }";
}

// --- reading

// What reads and writes JSON goes down with it, and a stack is finite.
constexpr size_t most_nesting = 200;

// Where the parser is, as a JSON pointer, and the first key that an object has twice: the value that the parser makes
// keeps the last one only.
class DuplicateKeys {
public:
    bool see(Json::parse_event_t event, const Json &parsed) {
        using Event = Json::parse_event_t;
        switch (event) {
        case Event::object_start:
        case Event::array_start: levels_.push_back({event == Event::array_start, 0, {}, {}}); break;
        case Event::object_end:
        case Event::array_end:
            levels_.pop_back();
            next();
            break;
        case Event::value: next(); break;
        case Event::key:
            levels_.back().key = parsed.get<std::string>();
            if (!levels_.back().keys.insert(levels_.back().key).second && first_.empty()) {
                first_ = pointer();
                first_key_ = levels_.back().key;
            }
            break;
        }
        return true;
    }
    const std::string &first() const {
        return first_;
    }
    const std::string &first_key() const {
        return first_key_;
    }
    size_t depth() const {
        return levels_.size();
    }
    std::string pointer() const {
        std::string out;
        for (const Level &l : levels_) {
            out += "/";
            if (l.is_array) out += std::to_string(l.index);
            for (char c : l.is_array ? std::string() : l.key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        return out;
    }

private:
    struct Level {
        bool is_array;
        size_t index;
        std::string key;
        std::set<std::string> keys;
    };
    void next() {
        if (!levels_.empty()) levels_.back().index++;
    }
    std::vector<Level> levels_;
    std::string first_, first_key_;
};

class Reader {
public:
    explicit Reader(const std::string &source)
        : source_(source) {
    }

    Schedule read(const std::string &text) {
        if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
            fail(502, "", "this is not JSON: it is empty", "a schedule begins with { \"heddle_schedule\": 1, ... }");
        }
        Json j;
        DuplicateKeys duplicates;
        try {
            j = Json::parse(text, [&](int, Json::parse_event_t event, Json &parsed) {
                duplicates.see(event, parsed);
                if (duplicates.depth() > most_nesting) fail(502, "", concat("this is nested more than ", most_nesting, " levels deep"), "");
                return true;
            });
        } catch (const Json::parse_error &e) {
            fail(502, "", concat("this is not JSON: ", position(text, e.byte)), "");
        } catch (const Json::out_of_range &) {
            fail(502, duplicates.pointer(), "this number is too large for JSON's, which are doubles", "");
        }
        if (!duplicates.first().empty()) {
            fail(517, duplicates.first(), concat("the key \"", duplicates.first_key(), "\" stands twice in one object"),
                 "leave one of them out");
        }
        if (!j.is_object()) fail(504, "", "a schedule is a JSON object", "");
        if (!j.contains("heddle_schedule")) {
            fail(503, "", "there is no member \"heddle_schedule\": this is not a schedule",
                 "a schedule begins with { \"heddle_schedule\": 1, ... }");
        }
        if (const Json &v = j["heddle_schedule"]; !v.is_number_integer() || v != version) {
            fail(
                503, "/heddle_schedule",
                concat("version ", v.dump(), " is not known; this library reads version ", version),
                "");
        }
        Schedule s;
        s.source = source_;
        Json other = Json::object();
        for (const auto &[key, value] : j.items()) {
            if (key == "heddle_schedule") continue;
            if (key == "pipeline") {
                s.pipeline = string(value, "/pipeline", "the name of the pipeline");
            } else if (key == "algorithm") {
                s.algorithm = string(value, "/algorithm", "the hash of the algorithm");
            } else if (key == "target") {
                s.target = string(value, "/target", "a target");
            } else if (key == "stages") {
                stages(value, s);
            } else {
                other[key] = value;
            }
        }
        if (!j.contains("stages")) fail(504, "", "there is no member \"stages\"", "");
        if (!other.empty()) s.other = other.dump();
        return s;
    }

private:
    [[noreturn]] void fail(int code, const std::string &pointer, const std::string &message,
                           const std::string &hint) const {
        Diagnostic d;
        d.code = code;
        d.message = message;
        d.location.file = source_.empty() ? "schedule" : source_;
        d.location.pointer = pointer;
        d.hint = hint;
        throw CompileError(std::move(d));
    }

    static std::string position(const std::string &text, size_t byte) {
        size_t line = 1, column = 1;
        for (size_t i = 0; i + 1 < byte && i < text.size(); i++) {
            column = text[i] == '\n' ? 1 : column + 1;
            line += text[i] == '\n';
        }
        return concat("the error is in line ", line, ", column ", column);
    }

    std::string string(const Json &j, const std::string &pointer, const char *what) const {
        if (!j.is_string())
            fail(504, pointer, concat("expected ", what, " (a string), found ", j.dump()), "");
        return j.get<std::string>();
    }

    void stages(const Json &list, Schedule &s) const {
        if (!list.is_array()) fail(504, "/stages", "expected a list of stages", "");
        std::map<std::pair<std::string, int>, size_t> listed;
        for (size_t i = 0; i < list.size(); i++) {
            s.stages.push_back(stage(list[i], concat("/stages/", i)));
            const auto [first, is_new] = listed.emplace(std::pair(s.stages[i].func, s.stages[i].update), i);
            if (!is_new) {
                const std::string stage =
                    s.stages[i].update < 0 ? s.stages[i].func : concat("update ", s.stages[i].update, " of ", s.stages[i].func);
                fail(517, concat("/stages/", i), concat(stage, " is listed twice, first in /stages/", first->second),
                     "put all directives of a stage into one list, in the order in which they are to be carried out");
            }
        }
    }

    Schedule::Stage stage(const Json &j, const std::string &pointer) const {
        if (!j.is_object())
            fail(504, pointer,
                 "expected a stage: { \"func\": ..., \"update\": ..., \"do\": [...] }", "");
        for (const char *key : {"func", "do"}) {
            if (!j.contains(key))
                fail(504, pointer, concat("there is no member \"", key, "\""), "");
        }
        Schedule::Stage s;
        Json other = Json::object();
        for (const auto &[key, value] : j.items()) {
            if (key == "func") {
                s.func = string(value, pointer + "/func", "the name of a Func");
            } else if (key == "update") {
                s.update = update(value, pointer + "/update");
            } else if (key == "do") {
                if (!value.is_array())
                    fail(504, pointer + "/do", "expected a list of directives", "");
                for (size_t i = 0; i < value.size(); i++) {
                    s.directives.push_back(directive(value[i], concat(pointer, "/do/", i)));
                }
            } else {
                other[key] = value;
            }
        }
        if (!other.empty()) s.other = other.dump();
        return s;
    }

    int update(const Json &j, const std::string &pointer) const {
        if (j.is_null()) return -1;
        if (!j.is_number_integer() || j < 0 || j > 1000000) {
            fail(504, pointer,
                 concat("expected null (the pure definition) or the index of an update, found ",
                        j.dump()),
                 "");
        }
        return j.get<int>();
    }

    Directive directive(const Json &j, const std::string &pointer) const {
        if (!j.is_array() || j.empty() || !j[0].is_string()) {
            fail(504, pointer, "expected a directive: [\"name\", arguments...]", "");
        }
        const DirectiveInfo *row = find_directive(j[0].get<std::string>());
        if (!row)
            fail(505, pointer + "/0", concat("there is no directive ", j[0].dump()), nearest(j[0]));
        Directive d{row->kind, {}, {}};
        d.location.file = source_.empty() ? "schedule" : source_;
        d.location.pointer = pointer;
        size_t at = 1;
        for (size_t i = 0; i < row->parameters.size(); i++) {
            const DirectiveParameter &p = row->parameters[i];
            if (takes_the_rest(*row, i)) {
                d.args.push_back(rest(p, j, at, pointer));
                at = j.size();
            } else if (at < j.size()) {
                d.args.push_back(argument(p, j[at], concat(pointer, "/", at)));
                at++;
            } else if (!p.optional) {
                fail(506, pointer, concat(row->name, " needs ", p.name, ": ", describe(p.kind)),
                     usage(*row));
            }
        }
        if (at < j.size() && d.kind == DirectiveKind::specialize) {
            if (!j[at].is_array()) fail(506, concat(pointer, "/", at), "expected the list of directives of the branch", usage(*row));
            for (size_t i = 0; i < j[at].size(); i++) {
                d.body.push_back(directive(j[at][i], concat(pointer, "/", at, "/", i)));
            }
            at++;
        }
        if (at < j.size()) {
            fail(506, concat(pointer, "/", at), concat(row->name, " takes no further argument"),
                 usage(*row));
        }
        while (!d.args.empty() && std::holds_alternative<std::monostate>(d.args.back()))
            d.args.pop_back();
        return d;
    }

    DirectiveArgument rest(const DirectiveParameter &p, const Json &j, size_t at,
                           const std::string &pointer) const {
        if (p.kind == ArgumentKind::Level) {
            const size_t n = j.size() - at;
            const bool stage_is_fine =
                n < 3 || (j[at + 2].is_number_integer() && j[at + 2] >= 0 && j[at + 2] < 1000000);
            if (n < 2 || n > 3 || !j[at].is_string() || !j[at + 1].is_string() || !stage_is_fine) {
                fail(506, pointer,
                     "expected the name of a Func, the name of a loop, and perhaps the number of a "
                     "stage",
                     "[\"compute_at\", \"consumer\", \"x\"]");
            }
            return LoopLevel(j[at].get<std::string>(), j[at + 1].get<std::string>(), false,
                             n == 3 ? j[at + 2].get<int>() : -1);
        }
        Json list = Json::array();
        for (size_t i = at; i < j.size(); i++) {
            list.push_back(j[i]);
        }
        return names(p, list, pointer);
    }

    DirectiveArgument names(const DirectiveParameter &p, const Json &list,
                            const std::string &pointer) const {
        std::vector<LoopName> result;
        for (const Json &e : list) {
            if (!e.is_string())
                fail(506, pointer, concat("expected ", describe(p.kind), ", found ", e.dump()), "");
            result.push_back({e.get<std::string>()});
        }
        if (result.empty()) fail(506, pointer, concat("expected ", describe(p.kind)), "");
        return result;
    }

    DirectiveArgument argument(const DirectiveParameter &p, const Json &j,
                               const std::string &pointer) const {
        if (j.is_null() && p.optional) return std::monostate();
        auto wrong = [&]() {
            fail(506, pointer, concat(p.name, " must be ", describe(p.kind), ", not ", j.dump()),
                 choices(p.kind));
        };
        switch (p.kind) {
        case ArgumentKind::Loop:
        case ArgumentKind::NewLoop:
        case ArgumentKind::NewDim:
        case ArgumentKind::Dim:
            if (!j.is_string() || j.get<std::string>().empty()) wrong();
            return LoopName{j.get<std::string>()};
        case ArgumentKind::LoopList:
        case ArgumentKind::NewLoopList:
            if (!j.is_array()) wrong();
            return names(p, j, pointer);
        case ArgumentKind::Factor:
        case ArgumentKind::Size:
        case ArgumentKind::Condition: return size(p, j, pointer);
        case ArgumentKind::NewFunc:
        case ArgumentKind::FuncName:
            if (!j.is_string() || j.get<std::string>().empty()) wrong();
            return j.get<std::string>();
        case ArgumentKind::Text:
            if (!j.is_string()) wrong();
            return j.get<std::string>();
        case ArgumentKind::FuncNames: {
            if (!j.is_array() || j.empty()) wrong();
            std::vector<std::string> list;
            for (const Json &e : j) {
                if (!e.is_string()) wrong();
                list.push_back(e.get<std::string>());
            }
            return list;
        }
        case ArgumentKind::Prefetch: {
            const auto strategy = j.is_string() ? prefetch_from(j.get<std::string>()) : std::nullopt;
            if (!strategy) wrong();
            return *strategy;
        }
        case ArgumentKind::RaceStrategy: {
            const auto race = j.is_string() ? race_from(j.get<std::string>()) : std::nullopt;
            if (!race) wrong();
            return *race == Race::Refuse ? DirectiveArgument() : *race;
        }
        case ArgumentKind::Device: {
            const auto device = j.is_string() ? device_from(j.get<std::string>()) : std::nullopt;
            if (!device) wrong();
            return *device == DeviceAPI::Default_GPU ? DirectiveArgument() : *device;
        }
        case ArgumentKind::Alignments: {
            std::vector<LoopAlignStrategy> list;
            for (const Json &e : j.is_array() ? j : Json::array({j})) {
                const auto alignment = e.is_string() ? alignment_from(e.get<std::string>()) : std::nullopt;
                if (!alignment) wrong();
                list.push_back(*alignment);
            }
            if (list.empty()) wrong();
            return list;
        }
        case ArgumentKind::FactorList: {
            if (!j.is_array() || j.empty()) wrong();
            std::vector<Expr> list;
            for (size_t i = 0; i < j.size(); i++) {
                list.push_back(size(p, j[i], concat(pointer, "/", i)));
            }
            return list;
        }
        case ArgumentKind::Tail: return tail(p, j, pointer);
        case ArgumentKind::TailList: {
            std::vector<TailStrategy> list;
            if (!j.is_array()) return std::vector<TailStrategy>{tail(p, j, pointer)};
            for (size_t i = 0; i < j.size(); i++) {
                list.push_back(tail(p, j[i], concat(pointer, "/", i)));
            }
            if (list.empty()) wrong();
            return list;
        }
        case ArgumentKind::Memory: {
            const auto memory = j.is_string() ? memory_from(j.get<std::string>()) : std::nullopt;
            if (!memory) wrong();
            return *memory;
        }
        case ArgumentKind::Policy: {
            const auto policy = j.is_string() ? partition_from(j.get<std::string>()) : std::nullopt;
            if (!policy) wrong();
            return *policy;
        }
        case ArgumentKind::Flag:
            if (!j.is_boolean()) wrong();
            return j.get<bool>();
        case ArgumentKind::Level:
            if (!j.is_array()) wrong();
            return rest(p, j, 0, pointer);
        case ArgumentKind::Loops:
        case ArgumentKind::Dims: break;
        }
        HEDDLE_ASSERT(false, "an argument that takes the rest");
        return {};
    }

    TailStrategy tail(const DirectiveParameter &p, const Json &j,
                      const std::string &pointer) const {
        const auto t = j.is_string() ? tail_from(j.get<std::string>()) : std::nullopt;
        if (!t) {
            fail(506, pointer,
                 concat(p.name, " must be ", describe(ArgumentKind::Tail), ", not ", j.dump()),
                 choices(ArgumentKind::Tail));
        }
        return *t;
    }

    // A number, or the text of an expression over the Params of the pipeline.
    Expr size(const DirectiveParameter &p, const Json &j, const std::string &pointer) const {
        if (j.is_number_integer()) {
            const bool fits = j.is_number_unsigned()
                                  ? j.get<uint64_t>() <=
                                        static_cast<uint64_t>(std::numeric_limits<int32_t>::max())
                                  : j.get<int64_t>() >= std::numeric_limits<int32_t>::min();
            if (!fits)
                fail(506, pointer, concat(p.name, " is ", j.dump(), ", which does not fit int32"),
                     "");
            return Expr(j.get<int32_t>());
        }
        if (!j.is_string())
            fail(506, pointer, concat(p.name, " must be ", describe(p.kind), ", not ", j.dump()),
                 "");
        try {
            SymbolTable symbols;
            return parse_expr(j.get<std::string>(), symbols);
        } catch (const CompileError &e) {
            fail(506, pointer, concat(p.name, " is no expression: ", e.diagnostic().message), "");
        }
    }

    static std::string choices(ArgumentKind kind) {
        std::string out;
        auto add = [&](const char *name) {
            out += (out.empty() ? "one of " : ", ") + std::string(name);
        };
        if (kind == ArgumentKind::Tail || kind == ArgumentKind::TailList) {
            for (int i = 0; i <= static_cast<int>(TailStrategy::Auto); i++)
                add(file_name(static_cast<TailStrategy>(i)));
        } else if (kind == ArgumentKind::Memory) {
            for (int i = 0; i <= static_cast<int>(MemoryType::GPUSharedAsync); i++)
                add(file_name(static_cast<MemoryType>(i)));
        } else if (kind == ArgumentKind::Device) {
            for (DeviceAPI d : all_device_apis) {
                if (is_gpu(d)) add(file_name(d));
            }
        }
        return out;
    }

    static std::string usage(const DirectiveInfo &row) {
        std::string out = std::string("[\"") + row.name + "\"";
        for (size_t i = 0; i < row.parameters.size(); i++) {
            const DirectiveParameter &p = row.parameters[i];
            out += std::string(", ") + p.name + (p.optional ? "?" : "") + (takes_the_rest(row, i) ? "..." : "");
        }
        if (row.kind == DirectiveKind::specialize) out += ", [directives]?";
        return out + "]";
    }

    static std::string nearest(const std::string &name) {
        const DirectiveInfo *best = nullptr;
        size_t least = 3;  // further away than this is no slip of the finger
        for (const DirectiveInfo &row : directive_table()) {
            const size_t d = distance(name, row.name);
            if (d < least) {
                least = d;
                best = &row;
            }
        }
        return best ? concat("did you mean \"", best->name, "\"?") : "docs/schedule.md lists them";
    }

    static size_t distance(const std::string &a, const std::string &b) {
        std::vector<size_t> row(b.size() + 1);
        for (size_t j = 0; j <= b.size(); j++)
            row[j] = j;
        for (size_t i = 1; i <= a.size(); i++) {
            size_t diagonal = row[0];
            row[0] = i;
            for (size_t j = 1; j <= b.size(); j++) {
                const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
                diagonal = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
            }
        }
        return row.back();
    }

    const std::string &source_;
};

[[noreturn]] void file_error(int code, const std::string &path, const std::string &message) {
    Diagnostic d;
    d.code = code;
    d.message = message;
    d.location.file = path;
    throw CompileError(std::move(d));
}

}  // namespace

std::string Schedule::to_json() const {
    std::string out = concat("{\n  \"heddle_schedule\": ", version);
    auto member = [&](const char *key, const std::string &value) {
        if (!value.empty()) out += concat(",\n  \"", key, "\": ", Json(value).dump());
    };
    member("pipeline", pipeline);
    member("algorithm", algorithm);
    member("target", target);
    out += ",\n  \"stages\": [";
    for (size_t i = 0; i < stages.size(); i++) {
        out += (i ? ",\n" : "\n") + stage_text(stages[i]);
    }
    out += stages.empty() ? "]" : "\n  ]";
    return out + members_text(other, "  ") + "\n}\n";
}

Schedule Schedule::from_json(const std::string &text, const std::string &source) {
    return Reader(source).read(text);
}

Schedule Schedule::load(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    std::error_code none;
    // A folder can be opened, but not read: that throws.
    if (!in.is_open() || std::filesystem::is_directory(path, none)) file_error(501, path, "the schedule cannot be read");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) file_error(501, path, "the schedule cannot be read");
    return from_json(text, path);
}

void Schedule::save(const std::string &path) const {
    write_file(path, to_json());
}

}  // namespace heddle
