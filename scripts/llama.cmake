# Read by CMake when llama.cpp's own project begins: what its programs share (chat templates, a web client) takes two fifths of
# the compiling, and its library, all that is used here, needs none of it. llama-cpp-python's build would insist.
set(LLAMA_BUILD_COMMON OFF CACHE BOOL "" FORCE)
