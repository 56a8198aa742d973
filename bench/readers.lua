-- Each request is of the next of the members in the file of targets, so that no two in a row are of one user.
local requests, count, at = {}, 0, 0

function init(arguments)
   for line in io.lines(arguments[#arguments]) do
      local path, token = line:match("^%S+ (%S+)/socket (%S+)$")
      count = count + 1
      requests[count] = wrk.format("GET", path, { Authorization = "Bearer " .. token })
   end
end

function request()
   at = at % count + 1
   return requests[at]
end
