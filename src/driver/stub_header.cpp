// Stub headers: how one generator calls another that it knows only by its header.

#include <sstream>

#include "heddle/generator.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

std::vector<std::string> name_parts(const std::string &name) {
    std::vector<std::string> parts;
    size_t start = 0;
    for (size_t at; (at = name.find("::", start)) != std::string::npos; start = at + 2) {
        if (at > start) parts.push_back(name.substr(start, at - start));
    }
    parts.push_back(name.substr(start));
    for (std::string &p : parts) {
        std::erase_if(p, [](char c) { return c == ' '; });
    }
    return parts;
}

struct Member {
    std::string type, name, value;
};

// `struct Name { members; constructors };`
void write_struct(std::ostream &out, const std::string &name, const std::vector<Member> &members) {
    out << "    struct " << name << " {\n";
    for (const Member &m : members) {
        out << "        " << m.type << " " << m.name;
        if (!m.value.empty()) out << " = " << m.value;
        out << ";\n";
    }
    out << "\n        " << name << "() {\n        }\n";
    if (!members.empty()) {
        out << "        " << (members.size() == 1 ? "explicit " : "") << name << "(";
        for (size_t i = 0; i < members.size(); i++) {
            out << (i ? ", " : "") << "const " << members[i].type << " &" << members[i].name << "_";
        }
        out << ")\n            : ";
        for (size_t i = 0; i < members.size(); i++) {
            out << (i ? ", " : "") << members[i].name << "(" << members[i].name << "_)";
        }
        out << " {\n        }\n";
    }
    out << "    };\n\n";
}

void write_enum(std::ostream &out, const GeneratorParamBase &p) {
    out << "enum class " << p.cpp_type() << " {";
    const std::vector<std::string> names = p.enum_names();
    for (size_t i = 0; i < names.size(); i++) out << (i ? ", " : " ") << names[i];
    out << " };\n\ninline const char *text_of(" << p.cpp_type() << " value) {\n    switch (value) {\n";
    for (const std::string &n : names) {
        out << "    case " << p.cpp_type() << "::" << n << ": return " << quoted(n) << ";\n";
    }
    out << "    }\n    return \"\";\n}\n\n";
}

std::string set_param(const GeneratorParamBase &p) {
    const std::string place = "params." + p.name(), name = quoted(p.name());
    const std::string type = p.cpp_type();
    if (type == "LoopLevel") return concat("g->set_level(", name, ", ", place, ");");
    std::string text = concat("std::to_string(", place, ")");
    if (type == "bool") text = concat(place, " ? \"true\" : \"false\"");
    if (type == "float" || type == "double") text = concat("Halide::Internal::number_text(", place, ")");
    if (type == "Type") text = concat("heddle::to_string(", place, ")");
    if (type == "std::string") text = place;
    if (!p.enum_names().empty()) text = concat("text_of(", place, ")");
    return concat("g->set_param(", name, ", ", text, ");");
}

bool is_func(const std::string &type) {
    return type == "Func";
}

void write_outputs(std::ostream &out, const std::vector<Member> &outputs) {
    out << "    struct Outputs {\n";
    bool all_funcs = true;
    for (const Member &m : outputs) {
        out << "        " << m.type << " " << m.name << ";\n";
        all_funcs = all_funcs && is_func(m.type);
    }
    out << "        Target target;\n";
    if (all_funcs) {
        out << "\n        Pipeline get_pipeline() const {\n            return Pipeline(std::vector<Func>{";
        for (size_t i = 0; i < outputs.size(); i++) out << (i ? ", " : "") << outputs[i].name;
        out << "});\n        }\n"
               "        Realization realize(const std::vector<int32_t> &sizes) const {\n"
               "            return get_pipeline().realize(sizes, target);\n        }\n"
               "        void realize(Pipeline::RealizationArg out) const {\n"
               "            get_pipeline().realize(std::move(out), target);\n        }\n";
    }
    out << "    };\n\n";
}

std::string taken(const Member &m) {
    const std::string funcs = concat("g->output_funcs(", quoted(m.name), ")");
    if (is_func(m.type)) return funcs + ".at(0)";
    if (m.type == "std::vector<Func>") return funcs;
    const std::string vector = "std::vector<";
    if (m.type.rfind(vector, 0) == 0) {
        const std::string element = m.type.substr(vector.size(), m.type.size() - vector.size() - 1);
        return concat(element, "::list(", funcs, ", context.target())");
    }
    return concat(m.type, "(", funcs, ".at(0), context.target())");
}

}  // namespace

std::string stub_header(const std::string &name, GeneratorBase &g) {
    const std::vector<std::string> parts = name_parts(stub_name_of(name));
    const std::string &type = parts.back();
    std::string guard = "HEDDLE_STUB";
    for (const std::string &p : parts) guard += "_" + p;
    std::ostringstream out;
    out << "#ifndef " << guard << "\n#define " << guard << "\n\n// How generators call the generator " << name
        << ". Made by a generator program.\n\n#include \"Halide.h\"\n\n";
    for (size_t i = 0; i + 1 < parts.size(); i++) out << "namespace " << parts[i] << " {\n";
    out << "\n";
    std::vector<Member> params, inputs, outputs;
    for (const GeneratorParamBase *p : g.params()) {
        if (p->name() == "target") continue;
        if (!p->enum_names().empty()) write_enum(out, *p);
        params.push_back({p->cpp_type(), p->name(), p->cpp_value()});
    }
    for (const GeneratorIO *io : g.inputs()) inputs.push_back({io->stub_type(), io->io_name(), ""});
    for (const GeneratorIO *io : g.outputs()) outputs.push_back({io->stub_type(), io->io_name(), ""});
    out << "class " << type << " {\npublic:\n";
    for (const char *t : {"Expr", "Func", "LoopLevel", "Pipeline", "Realization", "Target", "Type", "GeneratorContext"}) {
        out << "    using " << t << " = Halide::" << t << ";\n";
    }
    out << "\n";
    write_struct(out, "Inputs", inputs);
    write_struct(out, "GeneratorParams", params);
    write_outputs(out, outputs);
    out << "    static Outputs generate(const GeneratorContext &context, const Inputs &inputs,\n"
           "                            const GeneratorParams &params = GeneratorParams()) {\n"
           "        (void)inputs, (void)params;\n"
           "        auto g = Halide::Internal::create_generator(" << quoted(name) << ", context.target());\n"
           "        g->set_context(context);\n";
    for (const GeneratorParamBase *p : g.params()) {
        if (p->name() != "target") out << "        " << set_param(*p) << "\n";
    }
    out << "        g->apply_values({";
    for (size_t i = 0; i < inputs.size(); i++) {
        out << (i ? ",\n                         " : "") << "Halide::Internal::generator_values(inputs." << inputs[i].name << ")";
    }
    out << "});\n        return {";
    for (const Member &m : outputs) out << taken(m) << ",\n                ";
    out << "context.target()};\n    }\n"
           "    static Outputs generate(const Halide::Internal::GeneratorBase *around, const Inputs &inputs,\n"
           "                            const GeneratorParams &params = GeneratorParams()) {\n"
           "        return generate(around->context(), inputs, params);\n    }\n"
           "    static Outputs generate(const Target &target, const Inputs &inputs,\n"
           "                            const GeneratorParams &params = GeneratorParams()) {\n"
           "        return generate(GeneratorContext(target), inputs, params);\n    }\n\n"
           "    " << type << "() = delete;\n};\n\n";
    for (size_t i = 0; i + 1 < parts.size(); i++) out << "}\n";
    out << "\n#endif\n";
    return out.str();
}

}  // namespace heddle::Internal
