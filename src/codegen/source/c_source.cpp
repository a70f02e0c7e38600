#include "codegen/source/c_source.h"

#include "codegen/source/host_printer.h"
#include "ir/metadata.h"
#include "support/large_stack.h"

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

/** The function name_metadata() with its constants of static storage. */
class Metadata {
public:
    std::string function(const KernelMetadata &kernel) {
        std::string rows;
        for (size_t i = 0; i < kernel.arguments.size(); i++) rows += row(kernel.arguments[i], "a" + std::to_string(i));
        const std::string count = std::to_string(kernel.arguments.size());
        std::string args = "nullptr";
        if (!kernel.arguments.empty()) {
            text_ += "    static const halide_filter_argument_t args[" + count + "] = {\n" + rows + "    };\n";
            args = "args";
        }
        return "extern \"C\" const halide_filter_metadata_t *" + kernel.name + "_metadata() {\n" + text_ +
               "    static const halide_filter_metadata_t metadata = {" + std::to_string(kernel.version) + ", " + count + ", " + args + ", " +
               CxxDialect::quoted(kernel.target) + ", " + CxxDialect::quoted(kernel.name) + "};\n    return &metadata;\n}\n\n";
    }

private:
    std::string row(const ArgumentMetadata &a, const std::string &stem) {
        std::string out = "        {" + CxxDialect::quoted(a.name) + ", " + std::to_string(a.kind) + ", " + std::to_string(a.dimensions) +
                          ", halide_type_t(static_cast<halide_type_code_t>(" + std::to_string(int{a.type.code}) + "), " +
                          std::to_string(int{a.type.bits}) + ")";
        out += ", " + scalar(a.scalar_def, stem + "_default") + ", " + scalar(a.scalar_min, stem + "_min");
        out += ", " + scalar(a.scalar_max, stem + "_max") + ", " + scalar(a.scalar_estimate, stem + "_estimate");
        return out + ", " + estimates(a, stem) + "},\n";
    }

    /** A pointer to a halide_scalar_value_t, whose 8 bytes begin with the value. */
    std::string scalar(const std::optional<uint64_t> &bits, const std::string &name) {
        if (!bits) return "nullptr";
        text_ += "    static const halide_scalar_value_t " + name + " = heddle_c::scalar_value(" + std::to_string(*bits) + "u);\n";
        return "&" + name;
    }

    /** A pointer to dimensions * 2 pointers, each to an int64 or null. */
    std::string estimates(const ArgumentMetadata &a, const std::string &stem) {
        std::string pointers;
        for (size_t i = 0; i < a.buffer_estimates.size(); i++) {
            pointers += pointers.empty() ? "" : ", ";
            if (!a.buffer_estimates[i]) {
                pointers += "nullptr";
                continue;
            }
            const std::string name = stem + "_estimate_" + std::to_string(i);
            text_ += "    static const int64_t " + name + " = " + std::to_string(*a.buffer_estimates[i]) + ";\n";
            pointers += "&" + name;
        }
        if (pointers.empty()) return "nullptr";
        text_ += "    static const int64_t *const " + stem + "_estimates[] = {" + pointers + "};\n";
        return stem + "_estimates";
    }

    std::string text_;
};

// The first line break of a prelude only serves its file.
std::string without_first_break(const char *s) {
    return *s == '\n' ? s + 1 : s;
}

std::string source_of(const Module &module) {
    HostPrinter printer(module.target);
    std::string prototypes, entries;
    for (const LoweredFunction &f : module.functions) {
        printer.function(f);
        prototypes += c_prototype(f);
        entries += argv_function(f) + Metadata().function(metadata_of(f, module.target));
    }
    std::string out = "// Kernels for " + module.target.to_string() + ".\n// Compile as C++20 with -ffp-contract=off; link a Halide runtime.\n\n";
    out += "#include \"HalideRuntime.h\"\n\n";
    out += without_first_break(prelude_values) + without_first_break(prelude_memory) + without_first_break(prelude_host);
    out += "\n// --- what is called by name\n" + printer.declarations();
    out += "\n// --- kernels\n" + prototypes + "\n" + printer.functions() + entries;
    return out;
}

}  // namespace

std::string to_c_source(const Module &module) {
    return with_large_stack([&] { return source_of(module); });
}

}  // namespace heddle::Internal
