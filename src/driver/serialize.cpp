#include "heddle/serialize.h"

#include <fstream>
#include <iterator>

#include "driver/pipeline_text.h"
#include "language/define.h"
#include "support/output_files.h"

namespace heddle {

using namespace Internal;

namespace {

std::string all_of(std::istream &in) {
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string contents_of_file(const std::string &filename) {
    std::ifstream in(filename, std::ios::binary);
    if (!in) refuse(272, "", {}, concat("cannot read ", filename));
    return all_of(in);
}

std::string as_text(const std::vector<uint8_t> &data) {
    return std::string(data.begin(), data.end());
}

std::string written(const Pipeline &pipeline, std::map<std::string, Parameter> *params) {
    const WrittenPipeline w = pipeline_text(pipeline);
    for (const auto &p : w.parameters) {
        if (params && !p->bound_from_start) (*params)[p->name] = Parameter(std::const_pointer_cast<ParameterContents>(p));
    }
    return w.text;
}

std::vector<uint8_t> as_bytes(const std::string &text) {
    return std::vector<uint8_t>(text.begin(), text.end());
}

}  // namespace

void serialize_pipeline(const Pipeline &pipeline, std::vector<uint8_t> &data) {
    data = as_bytes(written(pipeline, nullptr));
}

void serialize_pipeline(const Pipeline &pipeline, std::vector<uint8_t> &data, std::map<std::string, Parameter> &params) {
    data = as_bytes(written(pipeline, &params));
}

void serialize_pipeline(const Pipeline &pipeline, const std::string &filename) {
    write_file(filename, written(pipeline, nullptr));
}

void serialize_pipeline(const Pipeline &pipeline, const std::string &filename, std::map<std::string, Parameter> &params) {
    write_file(filename, written(pipeline, &params));
}

Pipeline deserialize_pipeline(const std::vector<uint8_t> &data, const std::map<std::string, Parameter> &user_params) {
    return pipeline_of(as_text(data), user_params);
}

Pipeline deserialize_pipeline(std::istream &in, const std::map<std::string, Parameter> &user_params) {
    return pipeline_of(all_of(in), user_params);
}

Pipeline deserialize_pipeline(const std::string &filename, const std::map<std::string, Parameter> &user_params) {
    return pipeline_of(contents_of_file(filename), user_params);
}

std::map<std::string, Parameter> deserialize_parameters(const std::vector<uint8_t> &data) {
    return parameters_of_text(as_text(data));
}

std::map<std::string, Parameter> deserialize_parameters(std::istream &in) {
    return parameters_of_text(all_of(in));
}

std::map<std::string, Parameter> deserialize_parameters(const std::string &filename) {
    return parameters_of_text(contents_of_file(filename));
}

}  // namespace heddle
