#include "codegen/source/c_source.h"

#include <bit>

#include "codegen/source/host_printer.h"

namespace heddle::Internal {

namespace {

constexpr const char *prelude_values =
#include "codegen/source/prelude_values.inc"
    ;
constexpr const char *prelude_memory =
#include "codegen/source/prelude_memory.inc"
    ;
constexpr const char *prelude_host =
#include "codegen/source/prelude_host.inc"
    ;

std::string argv_function(const LoweredFunction &f) {
    const CxxDialect cxx;
    std::string args;
    for (size_t i = 0; i < f.args.size(); i++) {
        const Argument &a = f.args[i].argument;
        const std::string slot = "argv[" + std::to_string(i) + "]";
        args += i ? ", " : "";
        if (a.is_buffer()) {
            args += "static_cast<halide_buffer_t *>(" + slot + ")";
        } else if (a.type.is_float() && a.type.bits() == 16) {
            args += "heddle_c::read<uint16_t>(" + slot + ", 0)";
        } else {
            args += "heddle_c::read<" + cxx.type(a.type) + ">(" + slot + ", 0)";
        }
    }
    return "extern \"C\" int " + f.name + "_argv([[maybe_unused]] void **argv) {\n    return " + f.name + "(" + args + ");\n}\n\n";
}

/** The body of name_metadata(): constants of static storage. */
class Metadata {
public:
    std::string function(const LoweredFunction &f, const Target &target) {
        std::string rows;
        for (size_t i = 0; i < f.args.size(); i++) rows += row(f.args[i].argument, "a" + std::to_string(i));
        const std::string count = std::to_string(f.args.size());
        std::string args = "nullptr";
        if (!f.args.empty()) {
            text_ += "    static const halide_filter_argument_t args[" + count + "] = {\n" + rows + "    };\n";
            args = "args";
        }
        return "extern \"C\" const halide_filter_metadata_t *" + f.name + "_metadata() {\n" + text_ +
               "    static const halide_filter_metadata_t metadata = {1, " + count + ", " + args + ", " +
               CxxDialect::quoted(target.to_string()) + ", " + CxxDialect::quoted(f.name) + "};\n    return &metadata;\n}\n\n";
    }

private:
    std::string row(const Argument &a, const std::string &stem) {
        const ArgumentEstimates &e = a.argument_estimates;
        const auto scalar_or_null = [&](const Expr &v, const char *what) {
            return a.is_buffer() ? std::string("nullptr") : scalar(v, stem + what);
        };
        std::string out = "        {" + CxxDialect::quoted(a.name) + ", " + std::to_string(int{a.kind}) + ", " +
                          std::to_string(a.is_buffer() ? int{a.dimensions} : 0) + ", halide_type_t(static_cast<halide_type_code_t>(" +
                          std::to_string(int{a.type.code()}) + "), " + std::to_string(a.type.bits()) + ")";
        out += ", " + scalar_or_null(e.scalar_def, "_default") + ", " + scalar_or_null(e.scalar_min, "_min");
        out += ", " + scalar_or_null(e.scalar_max, "_max") + ", " + scalar_or_null(e.scalar_estimate, "_estimate");
        return out + ", " + (a.is_buffer() ? estimates(a, stem) : "nullptr") + "},\n";
    }

    /** A pointer to a halide_scalar_value_t, whose 8 bytes begin with the value. */
    std::string scalar(const Expr &e, const std::string &name) {
        if (!e.defined()) return "nullptr";
        uint64_t bits = 0;
        int64_t i = 0;
        double d = 0;
        if (const UIntImm *u = e.as<UIntImm>()) {
            bits = u->value;
        } else if (as_const_int(e, &i)) {
            bits = wrap_unsigned(static_cast<uint64_t>(i), e.type().bits());
        } else if (as_const_float(e, &d) && e.type().bits() == 32) {
            bits = std::bit_cast<uint32_t>(static_cast<float>(d));
        } else if (as_const_float(e, &d) && e.type().bits() == 64) {
            bits = std::bit_cast<uint64_t>(d);
        } else {
            return "nullptr";
        }
        text_ += "    static const halide_scalar_value_t " + name + " = heddle_c::scalar_value(" + std::to_string(bits) + "u);\n";
        return "&" + name;
    }

    /** A pointer to dimensions * 2 pointers, each to an int64 or null. */
    std::string estimates(const Argument &a, const std::string &stem) {
        std::string pointers;
        int n = 0;
        for (const auto &dim : a.argument_estimates.buffer_estimates) {
            for (const Expr &e : {dim.min, dim.extent}) {
                int64_t v = 0;
                pointers += pointers.empty() ? "" : ", ";
                if (!e.defined() || !as_const_int(e, &v)) {
                    pointers += "nullptr";
                    continue;
                }
                const std::string name = stem + "_estimate_" + std::to_string(n++);
                text_ += "    static const int64_t " + name + " = " + std::to_string(v) + ";\n";
                pointers += "&" + name;
            }
        }
        if (n == 0) return "nullptr";
        text_ += "    static const int64_t *const " + stem + "_estimates[] = {" + pointers + "};\n";
        return stem + "_estimates";
    }

    std::string text_;
};

// The first line break of a prelude only serves its file.
std::string without_first_break(const char *s) {
    return *s == '\n' ? s + 1 : s;
}

}  // namespace

std::string to_c_source(const Module &module) {
    HostPrinter printer(module.target);
    std::string prototypes, entries;
    for (const LoweredFunction &f : module.functions) {
        printer.function(f);
        prototypes += c_prototype(f);
        entries += argv_function(f) + Metadata().function(f, module.target);
    }
    std::string out = "// Kernels for " + module.target.to_string() + ".\n// Compile as C++20 with -ffp-contract=off; link a Halide runtime.\n\n";
    out += "#include \"HalideRuntime.h\"\n\n";
    out += without_first_break(prelude_values) + without_first_break(prelude_memory) + without_first_break(prelude_host);
    out += "\n// --- what is called by name\n" + printer.declarations();
    out += "\n// --- kernels\n" + prototypes + "\n" + printer.functions() + entries;
    return out;
}

}  // namespace heddle::Internal
