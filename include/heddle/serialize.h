#pragma once
// Pipelines as data: the algorithm, its parameters with their constraints, the Buffers that it uses, and the schedule.
// What is written reads back as a Pipeline that computes the same and has the same schedule; Params and ImageParams
// keep their names. (A schedule alone is smaller and can be edited: Schedule::save.) What cannot be written or read is
// refused: HD0296 for a pipeline, HD0297 for data, HD0272 for a file.

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "heddle/parameter.h"
#include "heddle/pipeline.h"

namespace heddle {

/** With params, that gets the parameters of the pipeline by name, to be given to deserialize_pipeline again. */
void serialize_pipeline(const Pipeline &pipeline, std::vector<uint8_t> &data);
void serialize_pipeline(const Pipeline &pipeline, std::vector<uint8_t> &data, std::map<std::string, Parameter> &params);
void serialize_pipeline(const Pipeline &pipeline, const std::string &filename);
void serialize_pipeline(const Pipeline &pipeline, const std::string &filename, std::map<std::string, Parameter> &params);

/** Parameters with the names of user_params are those; the others are new. */
Pipeline deserialize_pipeline(const std::vector<uint8_t> &data, const std::map<std::string, Parameter> &user_params);
Pipeline deserialize_pipeline(std::istream &in, const std::map<std::string, Parameter> &user_params);
Pipeline deserialize_pipeline(const std::string &filename, const std::map<std::string, Parameter> &user_params);

/** The parameters alone. */
std::map<std::string, Parameter> deserialize_parameters(const std::vector<uint8_t> &data);
std::map<std::string, Parameter> deserialize_parameters(std::istream &in);
std::map<std::string, Parameter> deserialize_parameters(const std::string &filename);

}  // namespace heddle
