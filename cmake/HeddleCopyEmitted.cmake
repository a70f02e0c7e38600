# cmake -DFROM=dir -DTO=dir -P: copies every file of FROM that is different from the one in TO.
file(GLOB files "${FROM}/*")
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${file}" "${TO}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
