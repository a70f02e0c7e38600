// Pipelines to JSON.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "driver/compiled.h"
#include "driver/pipeline_text.h"
#include "heddle/func.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "language/extern_definition.h"
#include "schedule/collect.h"
#include "schedule/derived.h"

namespace heddle::Internal {

namespace {

using Json = nlohmann::ordered_json;

std::string hex(const uint8_t *bytes, size_t count) {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * count);
    for (size_t i = 0; i < count; i++) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

// "min.1" for a field of a dimension of p, or "".
std::string field_of(const ParameterContents &p, const Symbol &s) {
    for (size_t d = 0; d < p.dim_symbols.size(); d++) {
        const ParameterContents::DimSymbols &dim = p.dim_symbols[d];
        if (s == dim.min) return concat("min.", d);
        if (s == dim.extent) return concat("extent.", d);
        if (s == dim.stride) return concat("stride.", d);
    }
    return "";
}

class Writer {
public:
    explicit Writer(const PipelineContents &p)
        : pipeline_(p), outputs_(p.outputs.begin(), p.outputs.end()), funcs_(functions_reached(outputs_)) {
        ExprList more;
        for (const auto &r : p.requirements) {
            more.push_back(r.condition);
            more.insert(more.end(), r.message.begin(), r.message.end());
        }
        parameters_ = parameters_used(functions_scheduled(outputs_), outputs_, more);
        check_distinct_names(parameters_);
    }

    std::string operator()() {
        for (const auto &f : outputs_) {
            if (!f->defined()) refuse(296, f->name, {}, concat("Func ", f->name, " is not defined: the pipeline cannot be written"));
        }
        Json root;
        root["heddle_pipeline"] = 1;
        root["outputs"] = Json::array();
        for (const auto &f : outputs_) root["outputs"].push_back(index_of(*f));
        Json funcs = Json::array(), parameters = Json::array(), requirements = Json::array();
        for (const auto &f : funcs_) funcs.push_back(func(*f));
        for (const auto &p : parameters_) parameters.push_back(parameter(*p));
        for (const auto &r : pipeline_.requirements) requirements.push_back({text(r.condition), texts(r.message)});
        root["rdoms"] = rdoms();
        root["parameters"] = std::move(parameters);
        root["funcs"] = std::move(funcs);
        root["requirements"] = std::move(requirements);
        root["trace"] = pipeline_.trace;
        root["schedule"] = Json::parse(collect_schedule(outputs_).to_json());
        return root.dump(1) + "\n";
    }

    const Parameters &parameters() const {
        return parameters_;
    }

private:
    size_t index_of(const Function &f) const {
        const auto it = std::find_if(funcs_.begin(), funcs_.end(), [&](const auto &g) { return g.get() == &f; });
        HEDDLE_ASSERT(it != funcs_.end(), f.name, " is not reached");
        return static_cast<size_t>(it - funcs_.begin());
    }
    size_t index_of(const ParameterContents &p) const {
        const auto it = std::find_if(parameters_.begin(), parameters_.end(), [&](const auto &q) { return q.get() == &p; });
        if (it == parameters_.end()) refuse(296, p.name, {}, concat("the pipeline uses ", p.name, ", which is none of its parameters"));
        return static_cast<size_t>(it - parameters_.begin());
    }
    size_t index_of(const std::shared_ptr<ReductionDomain> &d) {
        const auto it = std::find(domains_.begin(), domains_.end(), d);
        if (it != domains_.end()) return static_cast<size_t>(it - domains_.begin());
        domains_.push_back(d);
        return domains_.size() - 1;
    }

    std::string tag(const Variable &v) {
        if (const auto domain = rdom_of(v)) {
            for (size_t i = 0; i < domain->variables.size(); i++) {
                if (domain->variables[i].symbol == v.symbol) return concat("r.", index_of(domain), ".", i);
            }
        }
        if (const auto p = parameter_of(v)) {
            if (!p->is_buffer) return concat("p.", index_of(*p));
            const std::string field = field_of(*p, v.symbol);
            for (size_t f = 0; f < funcs_.size(); f++) {
                const auto &outputs = funcs_[f]->output_parameters;
                for (size_t k = 0; k < outputs.size(); k++) {
                    if (outputs[k] == p) return concat("o.", f, ".", k, ".", field);
                }
            }
            return concat("d.", index_of(*p), ".", field);
        }
        if (is_var(Expr(&v))) return "v." + v.symbol.name();
        refuse(296, v.symbol.name(), {}, concat("an expression with ", v.symbol.name(), " in it cannot be written"));
    }
    std::string tag(const Access &a) {
        if (const auto f = function_of(a)) return concat("f.", index_of(*f));
        const auto p = parameter_of(a);
        HEDDLE_ASSERT(p, a.buffer.name(), " is neither a Func nor an image");
        return concat("p.", index_of(*p));
    }
    Symbol symbol(const std::string &name) {
        Symbol &s = symbols_[name];
        if (!s.defined()) s = Symbol::fresh(name);
        return s;
    }
    Json text(const Expr &e) {
        if (!e.defined()) return nullptr;
        return to_string(rewrite_graph(
            e, [&](const Variable &v) { return Variable::make(v.type, symbol(tag(v))); },
            [&](const Access &a) -> Expr {
                ExprList args;
                for (const Expr &x : a.args) args.push_back(x);
                return Access::make(a.type, symbol(tag(a)), args, a.value_index);
            }));
    }
    Json texts(const ExprList &list) {
        Json out = Json::array();
        for (const Expr &e : list) out.push_back(text(e));
        return out;
    }

    Json definition(const Definition &d) {
        Json j;
        j["args"] = texts(d.args);
        j["values"] = texts(d.values);
        if (d.rdom) j["rdom"] = index_of(d.rdom);
        if (d.predicate.defined()) j["predicate"] = text(d.predicate);
        return j;
    }
    Json constraints(const ParameterContents &p) {
        Json list = Json::array();
        for (const BufferConstraint &c : p.constraints) {
            list.push_back({text(c.min), text(c.extent), text(c.stride), text(c.min_estimate), text(c.extent_estimate)});
        }
        return list;
    }
    Json func(const Function &f) {
        Json j;
        j["name"] = f.display_name;
        j["pure"] = definition(f.pure);
        j["types"] = Json::array();
        for (const Type &t : f.types) j["types"].push_back(to_string(t));
        if (f.external) {
            j["extern"] = {{"name", f.external->name},
                           {"mangling", static_cast<int>(f.external->mangling)},
                           {"device", static_cast<int>(f.external->device)},
                           {"args", texts(extern_call_of(f).args)}};
            j["pure"].erase("values");
        }
        j["updates"] = Json::array();
        for (const Definition &d : f.updates) j["updates"].push_back(definition(d));
        j["outputs"] = Json::array();
        for (const auto &p : f.output_parameters) {
            j["outputs"].push_back({{"constraints", constraints(*p)}, {"host_alignment", p->host_alignment}});
        }
        j["estimates"] = Json::array();
        for (const auto &[min, extent] : f.estimates) j["estimates"].push_back({text(min), text(extent)});
        j["trace"] = {f.trace_loads, f.trace_stores, f.trace_realizations};
        j["trace_tags"] = f.trace_tags;
        j["no_profiling"] = f.no_profiling;
        j["debug_file"] = f.debug_file;
        return j;
    }
    Json parameter(const ParameterContents &p) {
        Json j = {{"name", p.name}, {"type", to_string(p.type)}, {"is_buffer", p.is_buffer}, {"dimensions", p.dimensions}};
        if (!p.is_buffer) {
            if (p.scalar_set) j["value"] = p.scalar_bits;
            j["default"] = text(p.default_value);
            j["min"] = text(p.min_value);
            j["max"] = text(p.max_value);
            j["estimate"] = text(p.estimate);
            return j;
        }
        j["constraints"] = constraints(p);
        j["host_alignment"] = p.host_alignment;
        j["memory"] = static_cast<int>(p.memory);
        j["trace_loads"] = p.trace_loads;
        j["trace_tags"] = p.trace_tags;
        if (p.bound_from_start) j["contents"] = contents(p.buffer);
        return j;
    }
    static Json contents(const Buffer<> &b) {
        const Buffer<> dense = b.copy();
        Json mins = Json::array(), extents = Json::array();
        std::vector<std::pair<int, int>> order;  // of the strides that the copy has
        for (int d = 0; d < dense.dimensions(); d++) {
            mins.push_back(dense.dim(d).min());
            extents.push_back(dense.dim(d).extent());
            order.emplace_back(dense.dim(d).stride(), d);
        }
        std::stable_sort(order.begin(), order.end());
        Json innermost = Json::array();
        for (const auto &[stride, d] : order) innermost.push_back(d);
        return {{"min", mins}, {"extent", extents}, {"order", innermost},
                {"bytes", hex(static_cast<const uint8_t *>(dense.data()), dense.size_in_bytes())}};
    }
    // Bounds and predicates may refer to RDoms that no definition does: the list grows while it is written.
    Json rdoms() {
        Json list = Json::array();
        for (size_t i = 0; i < domains_.size(); i++) {
            const auto domain = domains_[i];
            Json variables = Json::array();
            for (const ReductionVariable &v : domain->variables) {
                // Without the number that made the name of the RDom unique in this process.
                const std::string name = v.name.substr(0, v.name.find('$')) + v.name.substr(v.name.rfind('$'));
                variables.push_back({name, text(v.min), text(v.extent)});
            }
            list.push_back({{"variables", variables}, {"predicate", text(domain->predicate)}});
        }
        return list;
    }

    const PipelineContents &pipeline_;
    Functions outputs_;
    Functions funcs_;
    Parameters parameters_;
    std::vector<std::shared_ptr<ReductionDomain>> domains_;
    std::map<std::string, Symbol> symbols_;
};

}  // namespace

WrittenPipeline pipeline_text(const Pipeline &p) {
    Writer write(contents_of(p));
    WrittenPipeline w;
    w.text = write();
    w.parameters = write.parameters();
    return w;
}

}  // namespace heddle::Internal
