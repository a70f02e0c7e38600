#pragma once
// Files made from Modules.

#include <map>
#include <string>

#include "heddle/module.h"
#include "ir/module.h"
#include "support/output_files.h"

namespace heddle::Internal {

/** The C declaration of the kernels of a module: `int name(...)`, its argv form and its metadata. */
std::string c_header(const Module &m);
/** C++ that gives halide_register_argv_and_metadata(), which the program defines, each kernel at its start. */
std::string registration_source(const Module &m);

/** The statements of a module as text. */
std::string stmt_text(const Module &m);

/** Adds each of the files. A kind that this build cannot write is HD0273. */
void add_outputs(const Module &m, const std::map<OutputFileType, std::string> &files, FileBatch &batch);
/** Writes the files: all of them or none. */
void write_outputs(const Module &m, const std::map<OutputFileType, std::string> &files);

/** The name that a user gives this kind of file: "object", "c_header", ... */
const char *to_string(OutputFileType type);

}  // namespace heddle::Internal
